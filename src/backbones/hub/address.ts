/**
 * Names of networks on the Hugging Face hub, `hub:OWNER/NAME` or `hub:OWNER/NAME:FILE`, and the addresses of their files
 * there or on a mirror. Nothing is fetched.
 */
import { UsageError } from '../../errors.js';

/** A repository of the hub, and the ONNX file in it. */
export interface HubName {
  /** `OWNER/NAME`. */
  readonly repository: string;
  /** Path of the ONNX file in it; undefined for the usual ones. */
  readonly file: string | undefined;
}

const PREFIX = 'hub:';

/** Where repositories keep their network in full precision, the likelier place first. */
export const USUAL_FILES: readonly string[] = ['onnx/model.onnx', 'model.onnx'];

/** Whether a text names a network on the hub. */
export const isHubName = (text: string): boolean => text.startsWith(PREFIX);

/** Reads `hub:OWNER/NAME[:FILE]`. Throws UsageError for anything else. */
export function parseHubName(text: string): HubName {
  const [repository, ...rest] = text.slice(PREFIX.length).split(':');
  const file = rest.length > 0 ? rest.join(':') : undefined;
  const form = `Write it as hub:OWNER/NAME, or hub:OWNER/NAME:FILE for a file such as ${USUAL_FILES[0]}.`;
  if (!isHubName(text) || !/^[\w][\w.-]*\/[\w][\w.-]*$/.test(repository) || /\.\./.test(repository))
    throw new UsageError(`"${text}" does not name a network on the hub. ${form}`);
  if (file === undefined) return { repository, file };
  const parts = file.split('/');
  if (!/^[\w .+/-]+$/.test(file) || parts.some((part) => /^\.*$/.test(part)))
    throw new UsageError(`"${file}" is not the path of a file in a repository. ${form}`);
  if (!/\.onnx$/i.test(file))
    throw new UsageError(
      `${text} names a file that does not end in .onnx. hier takes networks as ONNX, such as hub:${repository}:${USUAL_FILES[0]}.`,
    );
  return { repository, file };
}

/** The hub, or the mirror that `$HF_ENDPOINT` names. */
export function hubAddress(environment: NodeJS.ProcessEnv = process.env): string {
  return (environment.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '');
}

/** Address of a file of a repository, on the hub or a mirror with the same paths. */
export function fileAddress(repository: string, file: string, hub = hubAddress()): string {
  const path = file.split('/').map(encodeURIComponent).join('/');
  return `${hub.replace(/\/+$/, '')}/${repository}/resolve/main/${path}`;
}
