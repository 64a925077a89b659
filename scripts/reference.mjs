// Writes the reference pages that are made from what the program itself says: docs/recipes.md from the schema of recipes, and
// docs/commands.md from the commands. Run it after `npm run build` when either has changed: node scripts/reference.mjs. A test
// says when it is due.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const plain = (text) => text.replace(/`[^`]*`|</g, (part) => (part === '<' ? '&lt;' : part));
const cell = (text) => plain(text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim());
const row = (cells) => `| ${cells.map(cell).join(' | ')} |`.replace(/\| {2}(?=\|)/g, '| ');
const note = (script) => `<!-- Written by scripts/reference.mjs from ${script}. Do not edit. -->`;

/** The groups of recipes, in words. */
const GROUPS = {
  '': 'The run',
  data: 'What it is trained on',
  images: 'How images are prepared',
  backbone: 'The network',
  head: 'The head: from features to embeddings',
  losses: 'Losses',
  optimizer: 'AdamW',
  batch: 'Batches',
  schedule: 'Epochs and learning rate',
  evaluation: 'Evaluation during training',
  engine: 'The machine',
  snapshots: 'Snapshots for figures',
};

/** The page about recipe fields, from what `recipeFields` answers. */
export function recipesPage(fields) {
  const groups = new Map();
  for (const field of fields) {
    const name = field.path.includes('.') ? field.path.split('.')[0] : '';
    groups.set(name, [...(groups.get(name) ?? []), field]);
  }
  const value = ({ default: given }) => (given === undefined ? '' : `\`${JSON.stringify(given)}\``);
  const sections = [...groups].map(([name, all]) => {
    const title = `## ${GROUPS[name] ?? name}${name === '' ? '' : ` (\`${name}\`)`}`;
    const hasVariants = all.some(({ variant }) => variant !== undefined);
    const head = ['field', ...(hasVariants ? ['of'] : []), 'values', 'default', 'meaning'];
    const lines = all.map((field) => {
      const { path, type, variant, description } = field;
      return row([`\`${path}\``, ...(hasVariants ? [variant ?? ''] : []), type, value(field), description]);
    });
    return [title, '', row(head), `|${head.map(() => '---').join('|')}|`, ...lines].join('\n');
  });
  return `# Recipe fields

${note('the schema of recipes')}

A run is described completely by its recipe: a YAML file, or one that ships with hier by its name (\`demo\`, \`photos\`,
\`vectors\`, …), with overrides on the command line by dotted names, such as \`seed=1 losses.hier.weight=0\`. These are all
fields. An unknown name is an error with a suggestion, and so is a value out of its range. Where a field belongs to one
choice of several, such as a setting of one loss, "of" names that choice. \`npx hier train --fields\` prints the same.

${sections.join('\n\n')}
`;
}

/** Commands of a program in the order of its help, those below others after them. */
function allCommands(command, path = []) {
  return command.commands.flatMap((one) => {
    const name = [...path, one.name()];
    return [{ name, command: one }, ...allCommands(one, name)];
  });
}

/** The page about commands, from the program. */
export function commandsPage(program) {
  const sections = allCommands(program).map(({ name, command }) => {
    const words = command.registeredArguments.map((one) => {
      const text = `${one.name()}${one.variadic ? '…' : ''}`;
      return one.required ? `<${text}>` : `[${text}]`;
    });
    const usage = ['npx hier', ...name, command.commands.length > 0 ? 'COMMAND' : '', '[options]', ...words];
    const given = command.registeredArguments
      .filter(({ description }) => description)
      .map((one) => row([`\`${one.name()}\``, '', one.description]));
    const options = command.options
      .filter(({ hidden }) => !hidden)
      .map((one) => {
        const { defaultValue, flags, description } = one;
        const shown = defaultValue === undefined || defaultValue === false ? '' : `\`${defaultValue}\``;
        return row([`\`${flags}\``, shown, description]);
      });
    const table =
      given.length + options.length === 0
        ? []
        : ['', '| argument or option | default | meaning |', '|---|---|---|', ...given, ...options];
    return [
      `## hier ${name.join(' ')}`,
      '',
      plain(command.description()),
      '',
      `\`${usage.filter((word) => word !== '').join(' ')}\``,
      ...table,
    ].join('\n');
  });
  return `# Commands

${note('the commands themselves')}

All commands and their options, as \`--help\` after each prints them with examples. Exit codes: 0 success, 1 failure, 2 the
command or recipe is wrong, 3 a problem with the data. With \`--json\` a command prints one JSON document on standard output and
nothing else.

${sections.join('\n\n')}
`;
}

/** Both pages by their file, from what was compiled into a folder. */
export async function referencePages(compiled = 'dist') {
  const from = (path) => import(pathToFileURL(join(root, compiled, 'src', path)).href);
  const [{ recipeFields }, { createProgram }] = await Promise.all([
    from('recipe/load.js'),
    from('cli/program.js'),
  ]);
  return {
    'docs/recipes.md': recipesPage(recipeFields()),
    'docs/commands.md': commandsPage(await createProgram([])),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const pages = await referencePages(process.argv[2]);
  for (const [path, text] of Object.entries(pages)) writeFileSync(join(root, path), text);
}
