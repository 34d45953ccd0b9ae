from tests.system.security.recipe import recipe

FOR_EVERYBODY = "whoever is asked to agree reads it before they can log in"

RECIPES = [
    recipe("publish_privacy_notice", body={"text_zh": "我们保存……", "text_en": "We keep …"}),
    recipe("read_current_privacy_notice", public=FOR_EVERYBODY),
    recipe("read_privacy_notice", 1, public=FOR_EVERYBODY),
]
