"""Cohorts (期): the intakes of a community, which members are set into by campaign, import or batch."""
