// Lists of roles that are ready to be sent: written and compressed once for each decision of the policy, language and set
// of favourites, and kept while there is room. A decision belongs to one person's session.
import type { EligibleRole } from '../../access/model.ts';
import { type PagePart, preparePart } from '../page/assembled-page.ts';
import type { Messages } from '../page/messages/en.ts';
import { roleList } from './portal-page.ts';

/** Bytes of all lists together. */
const maxBytes = 64 * 2 ** 20;
/** A shorter list costs little to write again. */
const worthwhileRoles = 100;

interface KeptList {
  readonly name: string;
  readonly part: PagePart;
}

export function createRoleLists() {
  // By the decision itself: another policy, person or session has another one.
  const kept = new Map<readonly EligibleRole[], KeptList>();
  let bytes = 0;
  const forget = (roles: readonly EligibleRole[]) => {
    bytes -= sizeOf(kept.get(roles));
    kept.delete(roles);
  };
  return {
    listOf(roles: readonly EligibleRole[], favourites: readonly string[], text: Messages): PagePart {
      if (roles.length < worthwhileRoles) return preparePart(roleList(roles, favourites, text));
      const name = JSON.stringify([text.language, favourites]);
      const old = kept.get(roles);
      const part = old?.name === name ? old.part : preparePart(roleList(roles, favourites, text));
      forget(roles);
      kept.set(roles, { name, part });
      bytes += sizeOf(kept.get(roles));
      for (const [oldest] of kept) {
        if (bytes <= maxBytes) break;
        forget(oldest);
      }
      return part;
    },
  };
}

function sizeOf(list: KeptList | undefined): number {
  // Compressed it takes less than a tenth more.
  return list === undefined ? 0 : list.part.bytes.length * 1.1;
}
