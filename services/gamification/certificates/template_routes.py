"""HTTP of templates of certificates."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import ALREADY_EXISTS
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from services.gamification.certificates import queries, service
from services.gamification.certificates.models import CertificateTemplate
from services.gamification.certificates.problems import TOO_MANY_TEMPLATES
from services.gamification.certificates.schemas import TemplateCreate, TemplatePatch, TemplatePublic
from services.gamification.certificates.views import template_shown
from services.gamification.permissions import CERTIFICATES_WRITE

router = api_router(tags=["Certificates"])

ALL = "/v1/certificates/templates"
ONE = f"{ALL}/{{template_id}}"


@router.post(ALL, status_code=201)
@operation(permission=CERTIFICATES_WRITE, problems=[ALREADY_EXISTS, TOO_MANY_TEMPLATES])
async def create_certificate_template(body: TemplateCreate, work: Write, response: Response) -> TemplatePublic:
    """Say what certificates look like, in both languages, and how long they are valid."""
    template = await service.create_template(work, body)
    created(response, f"{ALL}/{template.id}")
    return _shown(template, response)


@router.get(ALL)
@operation(permission=CERTIFICATES_WRITE)
async def list_certificate_templates(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    archived: Annotated[bool, Query(description="Archived ones, too.")] = False,
) -> Page[TemplatePublic]:
    """List a community's templates, the newest first."""
    await work.permit(community_id)
    found = queries.templates_of(community_id, archived=archived)
    return await paginate(work.session, found, page=page, to=template_shown)


@router.get(ONE)
@operation(permission=CERTIFICATES_WRITE)
async def read_certificate_template(template_id: UUID, work: Read, response: Response) -> TemplatePublic:
    """Read a template, with what its present version says."""
    return _shown(await work.permitted(CertificateTemplate, template_id), response)


@router.patch(ONE)
@operation(permission=CERTIFICATES_WRITE, problems=[ALREADY_EXISTS, TOO_MANY_TEMPLATES])
async def update_certificate_template(
    template_id: UUID, body: TemplatePatch, if_match: IfMatch, work: Write, response: Response
) -> TemplatePublic:
    """Make a new version of a template. Certificates that were issued keep theirs; an archived template issues none."""
    return _shown(await service.change_template(work, template_id, body, if_match), response)


def _shown(template: CertificateTemplate, response: Response) -> TemplatePublic:
    set_etag(response, template.version)
    return template_shown(template)
