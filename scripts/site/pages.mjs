// The guides of the site, in the order in which a newcomer reads them. A test holds that every page of docs/ stands here. It is
// data alone: the site's plugin for TypeDoc gives pages their titles and groups by it.

/** Groups of the site's navigation, first to last, each with its pages: [path, title]. */
export const GROUPS = [
  [
    'Start',
    [
      ['docs/install.md', 'Install'],
      ['docs/catalogue.md', 'Search my catalogue in ten minutes'],
      ['docs/onnx.md', 'A pretrained network as you have it'],
    ],
  ],
  [
    'Guides',
    [
      ['docs/data-sets.md', 'Data sets, folders, vectors'],
      ['docs/search.md', 'Search: tables and the service'],
      ['docs/serve.md', 'In an application, and deployed'],
      ['docs/explorer.md', 'The explorer'],
      ['docs/fine-tuning.md', 'Fine-tuning'],
      ['docs/hierarchy.md', 'Trees'],
      ['docs/figures.md', 'Figures and the report'],
      ['docs/browser.md', 'In a browser'],
      ['docs/devices.md', 'Devices'],
      ['docs/scale.md', 'Past one machine'],
    ],
  ],
  [
    'Reference',
    [
      ['docs/commands.md', 'Commands'],
      ['docs/recipes.md', 'Recipe fields'],
      ['docs/formats.md', 'File formats'],
      ['docs/losses.md', 'Losses'],
      ['docs/operators.md', 'Operators'],
    ],
  ],
  [
    'Background',
    [
      ['ARCHITECTURE.md', 'Architecture'],
      ['docs/reproduce.md', 'Reproducing the paper'],
      ['docs/results.md', 'Results on emoji-9'],
      ['docs/study.md', 'Does the hierarchy mean anything?'],
      ['docs/emoji-9.md', 'emoji-9 and its artists'],
      ['docs/speed.md', 'Where the time of a step goes'],
      ['bench/RESULTS.md', 'Speed beside PyTorch'],
    ],
  ],
  [
    'Extend',
    [
      ['docs/extending.md', 'Parts of your own'],
      ['docs/backbones-onnx.md', 'Networks from ONNX files'],
      ['CONTRIBUTING.md', 'Contributing'],
      ['CHANGELOG.md', 'Changes'],
    ],
  ],
];
