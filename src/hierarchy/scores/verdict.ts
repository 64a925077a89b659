/**
 * One sentence on what the scores of a tree show, from their intervals and nothing else. It claims a difference
 * only where the paired interval over classes leaves 0 out and, for random proxies, no draw reaches the tree.
 */
import type { Construction } from '../constructions.js';
import { factsOf } from '../constructions.js';
import type { Role, ScoreRow } from './scoreRow.js';

/** How the judged tree stands to another. */
export type Standing = 'above' | 'below' | 'level';

/** How the judged tree stands to a row on a level. */
export function standing(tree: ScoreRow, other: ScoreRow, level: string): Standing {
  const lead = other.lead?.[level];
  const own = tree.purity[level].value;
  const { low, high } = other.purity[level];
  const several = other.draws > 1;
  if ((lead ? lead.low > 0 : true) && (several ? own > high : true)) return 'above';
  if ((lead ? lead.high < 0 : true) && (several ? own < low : true)) return 'below';
  return 'level';
}

/** What the judged tree is compared with, in the order of the sentence. */
const COMPARED: readonly (readonly [Role, string])[] = [
  ['ancestors', 'the learned ancestors'],
  ['random', 'random proxies of equal norms'],
  ['shuffled', 'shuffled terms'],
  ['linkage', 'plain linkage of the same points'],
  ['centres', 'centres of clusters that were not trained'],
  ['untrained', 'linkage without training'],
];

/** Controls of trees that are built from proxies; beside others they are rows of the table alone. */
const OF_ANCESTORS: readonly Role[] = ['random', 'centres'];

/** The sentence. */
export function verdict({
  construction,
  levels,
  rows,
}: {
  readonly construction: Construction;
  readonly levels: readonly string[];
  readonly rows: readonly ScoreRow[];
}): string {
  const tree = rows.find(({ role }) => role === 'tree')!;
  const standings = new Map<Role, Standing[]>();
  const groups = new Map<string, string[]>();
  const facts = factsOf(construction);
  for (const [role, name] of COMPARED) {
    if (!facts.proxies && OF_ANCESTORS.includes(role)) continue;
    const other = rows.find((row) => row.role === role);
    if (!other) continue;
    const found = levels.map((level) => standing(tree, other, level));
    standings.set(role, found);
    const how = described(found, levels);
    // Its row says whether the network was drawn at random or came pretrained.
    const called = role === 'untrained' ? `the ${other.name.replace(/, linkage$/, '')}` : name;
    groups.set(how, [...(groups.get(how) ?? []), called]);
  }
  const clauses = [...groups].map(([how, names]) =>
    how.replace('*', listed(names)).replaceAll('*', names.length > 1 ? 'them' : 'it'),
  );
  const [who, subject] = facts.proxies
    ? ['the embedding', 'the tree of the learned ancestors']
    : facts.space === 'features'
      ? ['the space of the features as they came', 'the tree of the features as they came']
      : ['the embedding', 'the tree of the points'];
  // Features as they came beside features as they came would say nothing.
  const control = facts.space === 'embeddings' && standings.has('untrained') ? 'untrained' : 'shuffled';
  return `By dendrogram purity, ${conclusion(standings, who, control)}${ofTraining(standings)}: ${subject} is ${clauses.join('; ')}.`;
}

/** "above *", or "above * at group and below * at subgroup", for names in place of the first star. */
function described(found: readonly Standing[], levels: readonly string[]): string {
  const words: Readonly<Record<Standing, string>> = {
    above: 'above',
    level: 'not to be told from',
    below: 'below',
  };
  if (new Set(found).size === 1) return `${words[found[0]]} *`;
  const parts = (['above', 'level', 'below'] as const).flatMap((kind) => {
    const where = levels.filter((_, i) => found[i] === kind);
    return where.length > 0 ? [`${words[kind]} * at ${listed(where)}`] : [];
  });
  return listed(parts);
}

/** What follows from the standings, said of the ancestors where there are any, else of the embedding. */
function conclusion(
  standings: ReadonlyMap<Role, readonly Standing[]>,
  who: string,
  control: 'untrained' | 'shuffled',
): string {
  const all = (role: Role, kind: Standing) => standings.get(role)?.every((one) => one === kind) ?? false;
  const some = (role: Role, kind: Standing) => standings.get(role)?.includes(kind) ?? false;
  if (!standings.has('random')) {
    const over = control === 'untrained' ? 'features without training do' : 'chance would';
    if (!some(control, 'above')) return `${who} orders classes by kinship no better than ${over}`;
    const where = all(control, 'above') ? '' : ', though not on every level';
    return `${who} orders classes by kinship better than ${over}${where}`;
  }
  if (!some('random', 'above') || !some('shuffled', 'above'))
    return 'nothing here shows that the proxies learned a hierarchy, for random ones do as well';
  const chance = `the ancestors carry more than chance${all('random', 'above') ? '' : ', though not on every level'}`;
  if (all('linkage', 'above')) return `${chance}, and more than the embedding shows without them`;
  if (all('linkage', 'below')) return `${chance}, but less than the embedding shows without them`;
  if (some('linkage', 'below'))
    return `${chance}, but not on every level as much as the embedding shows without them`;
  if (some('linkage', 'above'))
    return `${chance}, and on some levels more than the embedding shows without them`;
  return `${chance}, and about as much as the embedding shows without them`;
}

/** What training is worth to the ancestors, where centres of clusters that had none were tried. */
function ofTraining(standings: ReadonlyMap<Role, readonly Standing[]>): string {
  const found = standings.get('centres');
  if (!found || !standings.has('random')) return '';
  const control = 'untrained centres of clusters do';
  if (found.every((one) => one === 'above')) return `, and more than ${control}`;
  if (found.includes('above')) return `, and on some levels more than ${control}`;
  return `, and no more than ${control}`;
}

function listed(parts: readonly string[]): string {
  return parts.length < 2
    ? parts.join('')
    : `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
}
