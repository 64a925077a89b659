/** `hier weights`: pretrained weights for backbones, fetched once and kept. */
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { getNetwork, isHubName, weightsFolder } from '../../backbones/hub/index.js';
import {
  getWeights,
  type KeptWeights,
  listWeights,
  type WeightsEntry,
} from '../../backbones/weights/index.js';
import { fetchTold } from '../fetching.js';
import { examples, jsonOption } from '../options.js';
import { print } from '../output.js';
import { textTable, whole } from '../text/columns.js';
import { networkText } from './weightsNetwork.js';

/** Adds the command with its verbs. */
export function addWeights(program: Command): void {
  const weights = program
    .command('weights')
    .summary('fetch pretrained weights and networks')
    .description(
      'Weights that the paper starts from, and any image network that is published as ONNX on the Hugging Face hub. A ' +
        'recipe names weights in backbone.weights, or a safetensors file of your own with the names of timm, torchvision or ' +
        'Hugging Face; it names a network in backbone.onnx.',
    );
  addGet(weights);
  addList(weights);
}

interface GetOptions {
  from?: string;
  dir?: string;
  sha256?: string;
  force?: boolean;
  json?: boolean;
}

function addGet(weights: Command): void {
  const command = weights
    .command('get')
    .summary('fetch weights by name, or a network from the hub')
    .description(
      'Fetches weights from the Hugging Face hub (or the mirror in $HF_ENDPOINT), about 90 MB each. A cut download ' +
        'resumes where it stopped. The file is held against the checksum that the hub announces or --sha256 states, ' +
        'and kept only when it fits its backbone. hub:OWNER/NAME[:FILE] fetches a network: its ONNX file (onnx/model.onnx or ' +
        'model.onnx unless FILE says another), weights beside it, and the files that say how images are prepared.',
    )
    .argument('<NAME>', 'the weights (npx hier weights list shows the names), or hub:OWNER/NAME[:FILE]')
    .option(
      '--from <URL|FILE|DIR>',
      'another source: a safetensors file by address or path, or a mirror of the hub (an address that ends in /); for a network also a folder or an ONNX file',
    )
    .option('--dir <DIR>', 'where to keep it (default: weights/ in the cache folder)')
    .option('--sha256 <HEX>', 'the checksum that the file must have', sha256)
    .option('--force', 'fetch it although it is there');
  examples(jsonOption(command), [
    ['hier weights get vit-s16', 'for backbone.name=vit-s16'],
    [
      'hier weights get hub:onnx-community/dinov2-small',
      'for backbone.onnx=hub:onnx-community/dinov2-small, or --model',
    ],
    ['hier weights get resnet50 --from resnet50.safetensors', 'from a file that was brought here'],
    ['hier weights get dino-s16 --from https://mirror.example/', 'from a mirror of the hub'],
  ]).action(async (name: string, { from, dir, sha256, force = false, json }: GetOptions) => {
    const folder = dir === undefined ? weightsFolder() : resolve(dir);
    const how = { from, sha256, force };
    if (isHubName(name)) {
      const got = await fetchTold(name, (told) => getNetwork(name, folder, { ...how, ...told }));
      print(json, got, networkText(name, got, dir !== undefined));
    } else {
      const got = await fetchTold(name, (told) => getWeights(name, folder, { ...how, ...told }));
      print(json, got, gotText(got, dir));
    }
  });
}

function addList(weights: Command): void {
  const command = weights
    .command('list')
    .summary('show which weights there are, and which are here')
    .description('Shows which pretrained weights there are, which of them are here, and where they are kept.')
    .option('--dir <DIR>', 'where they are kept (default: weights/ in the cache folder)');
  examples(jsonOption(command), [['hier weights list --json', 'as JSON']]).action(
    ({ dir, json }: { dir?: string; json?: boolean }) => {
      const folder = dir === undefined ? weightsFolder() : resolve(dir);
      const entries = listWeights(folder);
      print(json, { folder, weights: entries }, listText(folder, entries));
    },
  );
}

/** What was fetched, and how a recipe uses it. */
function gotText(got: KeptWeights & { readonly fetched: boolean }, dir: string | undefined): string {
  const { name, path, bytes, sha256, verified, fetched } = got;
  const checksum = sha256 === null ? 'no checksum is known' : `SHA-256 ${sha256}`;
  const held = verified ? ', as announced' : sha256 === null ? '' : '; no checksum was announced for it';
  return [
    `${name}: ${fetched ? 'fetched' : 'here already'}, ${whole(Math.round(bytes / 1e6))} MB`,
    `  ${path}`,
    `  ${checksum}${held}`,
    `Train with it: backbone.name=${name}${dir === undefined ? '' : ` backbone.weights=${path}`}`,
  ].join('\n');
}

function listText(folder: string, entries: readonly WeightsEntry[]): string {
  const columns = [{ title: 'name' }, { title: 'here' }, { title: 'MB', right: true }, { title: 'network' }];
  const rows = entries.map(({ name, kept, megabytes, about }) => [
    name,
    kept ? 'yes' : '–',
    kept ? whole(Math.round(kept.bytes / 1e6)) : `about ${megabytes}`,
    about,
  ]);
  return `${textTable(columns, rows)}\n\nKept in ${join(folder, '')}`;
}

/** A SHA-256 in hex, or commander's usage error. */
function sha256(text: string): string {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new InvalidArgumentError('Give 64 hexadecimal digits.');
  return text.toLowerCase();
}
