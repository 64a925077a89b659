/** Scripts that complete the command line in bash, zsh and fish, written from what can be completed. */
import type { Value, VerbWords } from './completionWords.js';

/** Shells for which there is a script. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** A shell. */
export type Shell = (typeof SHELLS)[number];

/** The script for a shell. */
export function completionScript(shell: Shell, verbs: readonly VerbWords[]): string {
  return { bash, zsh, fish }[shell](verbs);
}

/** A text as one word of any of the shells. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
/** Texts, each quoted, as alternatives of a `case`. */
const alternatives = (texts: readonly string[]) => texts.map(quoted).join('|');

/** Branches of a `case` by verb and the option before the cursor: what its value can be. */
function valueBranches(verbs: readonly VerbWords[], branch: (value: Value) => string): string[] {
  const places = new Map<string, string[]>();
  for (const { path, options } of verbs)
    for (const { names, value } of options) {
      if (value === undefined) continue;
      const body = branch(value);
      places.set(body, [...(places.get(body) ?? []), ...names.map((name) => `${path} ${name}`)]);
    }
  return [...places].map(([body, all]) => `    ${alternatives(all)}) ${body}; return ;;`);
}

const below = (verbs: readonly VerbWords[]) => verbs.slice(1).map(({ path }) => path);

function bash(verbs: readonly VerbWords[]): string {
  const words = (all: readonly string[]) => `_hier_words ${quoted(all.join(' '))}`;
  const given = (value: Value) =>
    value === 'file' ? '_hier_files' : value === 'free' ? 'COMPREPLY=()' : words(value);
  return `# Completion of hier for bash: hier completion bash > ~/.local/share/bash-completion/completions/hier
_hier_words() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -W "$1" -- "$_hier_current")
}
_hier_files() {
  local line
  COMPREPLY=()
  compopt -o filenames 2>/dev/null
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$_hier_current")
}
_hier() {
  local _hier_current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} verb=hier i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$verb \${COMP_WORDS[i]}" in
    ${alternatives(below(verbs))}) verb="$verb \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$verb $before" in
${valueBranches(verbs, given).join('\n')}
  esac
  if [[ $_hier_current == -* ]]; then
    case "$verb" in
${verbs.map(({ path, options }) => `    ${quoted(path)}) ${words(options.flatMap(({ names }) => names))} ;;`).join('\n')}
    esac
    return
  fi
  case "$verb" in
${verbs.map(({ path, verbs: more, argument }) => `    ${quoted(path)}) ${more.length > 0 && argument !== 'file' ? words(more.map(({ name }) => name)) : given(argument)} ;;`).join('\n')}
  esac
}
complete -F _hier hier
`;
}

function zsh(verbs: readonly VerbWords[]): string {
  const described = (all: readonly (readonly [name: string, about: string])[]) =>
    `local -a found=(${all.map(([name, about]) => quoted(`${name}:${about.replaceAll(':', '')}`)).join(' ')}); _describe hier found`;
  const given = (value: Value) =>
    value === 'file' ? '_files' : value === 'free' ? ':' : `compadd -- ${value.map(quoted).join(' ')}`;
  return `#compdef hier
# Completion of hier for zsh: hier completion zsh > ~/.zfunc/_hier, with ~/.zfunc in fpath
_hier() {
  local current=$words[CURRENT] before=$words[CURRENT-1] verb=hier i
  for ((i = 2; i < CURRENT; i++)); do
    case "$verb $words[i]" in
    ${alternatives(below(verbs))}) verb="$verb $words[i]" ;;
    esac
  done
  case "$verb $before" in
${valueBranches(verbs, given).join('\n')}
  esac
  if [[ $current == -* ]]; then
    case "$verb" in
${verbs.map(({ path, options }) => `    ${quoted(path)}) ${described(options.flatMap(({ names, about }) => names.map((name) => [name, about] as const)))} ;;`).join('\n')}
    esac
    return
  fi
  case "$verb" in
${verbs.map(({ path, verbs: more, argument }) => `    ${quoted(path)}) ${more.length > 0 && argument !== 'file' ? described(more.map(({ name, about }) => [name, about] as const)) : given(argument)} ;;`).join('\n')}
  esac
}
compdef _hier hier
`;
}

function fish(verbs: readonly VerbWords[]): string {
  const lines = [
    '# Completion of hier for fish: hier completion fish > ~/.config/fish/completions/hier.fish',
  ];
  const add = (condition: string, rest: string) =>
    lines.push(`complete -c hier -n ${quoted(condition)} ${rest}`);
  for (const { path, options, verbs: more, argument } of verbs) {
    const seen = path
      .split(' ')
      .slice(1)
      .map((verb) => `__fish_seen_subcommand_from ${verb}`);
    const names = more.map(({ name }) => name);
    const isLast = names.length > 0 ? [`not __fish_seen_subcommand_from ${names.join(' ')}`] : [];
    const condition = [...seen, ...isLast].join('; and ') || 'true';
    if (argument !== 'file') add(condition, '-f');
    for (const { name, about } of more) add(condition, `-f -a ${quoted(name)} -d ${quoted(about)}`);
    if (Array.isArray(argument)) add(condition, `-f -a ${quoted(argument.join(' '))}`);
    for (const { names: all, about, value } of options) {
      const flags = all.map((name) =>
        name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
      );
      const kind =
        value === undefined
          ? ''
          : value === 'file'
            ? ' -r -F'
            : value === 'free'
              ? ' -x'
              : ` -x -a ${quoted(value.join(' '))}`;
      add(condition, `${flags.join(' ')}${kind} -d ${quoted(about)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
