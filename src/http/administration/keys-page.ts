// Administration › Keys and metadata: every certificate that is used or believed, and the metadata of each identity
// provider, the soonest end first.
import { daysLeft, endsSoon, type WatchedCertificate } from '../../broker/idp-metadata/certificate-watch.ts';
import type { IdpDirectory } from '../../broker/idp-metadata/idp-directory.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { summary } from '../page/controls.ts';
import { dataTable } from '../page/data-table.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import type { PageContext } from '../page/page-types.ts';
import { timeTag } from '../page/time-tag.ts';
import { type Span, timeline } from '../page/timeline.ts';
import { administratorsPages } from '../why/administrators-pages.ts';

export interface KeysView {
  readonly session: SignedInSession;
  readonly certificates: readonly WatchedCertificate[];
  readonly idps: IdpDirectory;
  readonly now: Date;
}

export function keysPage(context: PageContext, view: KeysView): string {
  const { text } = context;
  const { administration } = text;
  const spans = [...certificateSpans(view, text), ...metadataSpans(view, text)].sort((a, b) => endOf(a) - endOf(b));
  const { what, starts, ends, remaining } = administration;
  const texts = { caption: administration.timelineCaption, columns: [what, starts, ends, remaining] as const };
  return renderPage(context, {
    title: administration.keysTitle,
    person: view.session.identity,
    body: html`${administratorsPages(context)}
<h1>${administration.keysTitle}</h1>
<p>${administration.keysIntro}</p>
${timeline(texts, spans, view.now)}
<h2 class="plain">${administration.metadata}</h2>
${view.idps.list().length === 0 ? html`<p>${administration.noMetadata}</p>` : metadataTable(view, text)}`,
  });
}

function endOf({ endsAt }: Span): number {
  return endsAt?.getTime() ?? Number.POSITIVE_INFINITY;
}

function certificateSpans({ certificates, now }: KeysView, { administration }: Messages): Span[] {
  return certificates.map((certificate): Span => {
    const { use, idp, subject, fingerprint, startsAt, endsAt } = certificate;
    const left = daysLeft(certificate, now);
    return {
      name: html`<strong>${administration.uses[use]}</strong>${idp !== '' && html` · ${idp}`}<br>${subject}
<details>${summary('SHA-256')}<code>${fingerprint}</code></details>`,
      startsAt,
      endsAt,
      remark: left < 0 ? administration.expired : administration.daysLeft(left),
      tone: left < 0 ? 'danger' : endsSoon(certificate, now) ? 'warn' : 'plain',
    };
  });
}

function metadataSpans({ idps, now }: KeysView, { administration }: Messages): Span[] {
  return idps.list().flatMap(({ id }): Span[] => {
    const endsAt = idps.metadataOf(id)?.validUntil;
    if (!endsAt) return [];
    const days = Math.floor((endsAt.getTime() - now.getTime()) / 86_400_000);
    return [
      {
        name: html`<strong>${administration.document}</strong> · ${id}`,
        startsAt: idps.fetchedAt(id),
        endsAt,
        remark: days < 0 ? administration.expired : administration.daysLeft(days),
        // Documents of a few days are renewed while they are valid: only an end that came is a problem.
        tone: days < 0 ? 'danger' : 'plain',
      },
    ];
  });
}

function metadataTable({ idps }: KeysView, { administration }: Messages): Html {
  const { idp, source, fetched, validUntil, keys, remarks, never, noEnd } = administration;
  return dataTable(
    administration.metadataCaption,
    [idp, source, fetched, validUntil, keys, remarks],
    idps.list().map(({ id, label, metadataSource }) => {
      const metadata = idps.metadataOf(id);
      const at = idps.fetchedAt(id);
      return [
        html`<strong>${label}</strong> <span class="muted">${id}</span><br>${metadata?.entityId}`,
        html`<code>${metadataSource.url ?? administration.file}</code>`,
        at ? timeTag(at) : '–',
        metadata?.validUntil ? timeTag(metadata.validUntil) : metadata ? noEnd : never,
        metadata?.signingCertificates.length ?? 0,
        html`${metadata === undefined ? html`<span class="tag danger">${never}</span>` : metadata.warnings.join(' ') || '–'}`,
      ];
    }),
  );
}
