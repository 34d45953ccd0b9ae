"""Messengers: WeCom 企业微信, DingTalk 钉钉 and Feishu 飞书, written to as an app to a person and as a robot to a group."""
