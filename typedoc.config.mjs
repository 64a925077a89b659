// The site: the API of everything that the package exports, and all guides. `npm run docs` writes it into docs/site.
import { existsSync } from 'node:fs';
import { GROUPS } from './scripts/site/pages.mjs';

export default {
  name: 'hier',
  plugin: ['./scripts/site/plugin.mjs'],
  entryPoints: [
    'src/index.ts',
    'src/graph/index.ts',
    'src/geometry/index.ts',
    'src/nn/index.ts',
    'src/losses/index.ts',
    'src/retrieval/index.ts',
    'src/hierarchy/index.ts',
    'src/engines/index.ts',
    'src/backbones/index.ts',
    'src/backbones/onnx/index.ts',
    'src/datasets/index.ts',
    'src/umap/index.ts',
    'src/fleet/index.ts',
    'src/server/index.ts',
    'src/images/prepare.ts',
  ],
  readme: 'README.md',
  projectDocuments: GROUPS.flatMap(([, pages]) => pages.map(([path]) => path)).filter((path) =>
    existsSync(path),
  ),
  groupOrder: [...GROUPS.map(([group]) => group), 'Modules', '*'],
  sort: ['static-first', 'visibility', 'alphabetical-ignoring-documents'],
  navigation: { includeCategories: false, includeGroups: true, includeFolders: false },
  customCss: 'scripts/site/style.css',
  favicon: 'web/icon.svg',
  out: 'docs/site',
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  validation: { invalidLink: true, notExported: false, notDocumented: true },
  requiredToBeDocumented: ['Function', 'Class', 'Interface', 'TypeAlias', 'Variable'],
  // The compiler has checked types already, and takes longer than all of this.
  skipErrorChecking: true,
  // What is shown needs nothing of any other host.
  hideGenerator: true,
  includeHierarchySummary: false,
  githubPages: false,
  disableSources: true,
  logLevel: 'Warn',
};
