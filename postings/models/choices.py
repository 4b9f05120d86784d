"""The fixed choices of a posting, and the few values that code refers to by name."""

from django.db import models

from campus.models import HOME_COUNTRY as HOME_COUNTRY

HOME_CURRENCY = "USD"
MICRO = "micro-internship"
INTERNSHIP = "internship"
CONTRACTOR = "contractor"
MOST_WEEKS = 104
MOST_HOURS_A_WEEK = 60
MOST_POSITIONS = 200
ANSWER_DAYS = (5, 10, 15)


class LabelRule(models.TextChoices):
    BY_HAND = "by_hand", "Given by staff"
    OPPORTUNITY_TYPE = "opportunity_type", "Follows the opportunity type"
    ALUMNI_HOST = "alumni_host", "Follows a verified alumni host"
    ABROAD = "abroad", "Follows a host abroad"


class LocationMode(models.TextChoices):
    REMOTE = "remote", "Remote"
    HYBRID = "hybrid", "Hybrid"
    ON_SITE = "on_site", "On site"


class PayKind(models.TextChoices):
    HOURLY = "hourly", "By the hour"
    FIXED_FEE = "fixed_fee", "Fixed fee"
    UNPAID = "unpaid", "Unpaid"


PAID = (PayKind.HOURLY, PayKind.FIXED_FEE)


class Supply(models.TextChoices):
    LAPTOP = "laptop", "Laptop"
    PRINTER = "printer", "Printer"
    CONNECTIVITY = "connectivity", "Internet or phone connection"
    SOFTWARE = "software", "Software licenses"
    OTHER = "other", "Something else"


class MaterialKind(models.TextChoices):
    """What a host may ask for beyond the resume and cover letter, which every application has."""

    TRANSCRIPT = "transcript", "Transcript"
    WRITING_SAMPLE = "writing_sample", "Writing sample"
    PORTFOLIO = "portfolio", "Portfolio"
    WORK_SAMPLE = "work_sample", "Work sample"
    SHORT_ANSWERS = "short_answers", "Short answers"
