/**
 * What a session computes on: the processor, or a graphics card through one of ONNX Runtime's own providers. Says what is
 * missing where a device cannot be used. Whether a device computes rightly is another question (`parity`).
 */
import { HierError } from '../errors.js';

/** Devices by the names that recipes and commands use. */
export const DEVICES = ['cpu', 'webgpu', 'cuda', 'coreml', 'dml'] as const;

/** 'cpu'; 'webgpu' (any graphics card); 'cuda' (NVIDIA, Linux); 'coreml' (macOS); 'dml' (DirectML, Windows). */
export type Device = (typeof DEVICES)[number];

/** The order in which 'auto' looks for a device that works here. */
const BEST_FIRST: readonly Device[] = ['cuda', 'dml', 'coreml', 'webgpu', 'cpu'];

/** Which systems have a device's provider at all. */
const SYSTEMS: Readonly<Partial<Record<Device, readonly NodeJS.Platform[]>>> = {
  cuda: ['linux'],
  coreml: ['darwin'],
  dml: ['win32'],
};

const SYSTEM_NAMES: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'Linux',
  darwin: 'macOS',
  win32: 'Windows',
};

/** This system; undefined in a browser, where there is no `process`. */
const HERE = (globalThis as { process?: { platform?: NodeJS.Platform } }).process?.platform;

/** How to get what a device needs. */
const NEEDS: Readonly<Record<Exclude<Device, 'cpu'>, string>> = {
  webgpu:
    'It needs a graphics card with a driver for Vulkan (Linux: the library libvulkan.so.1 and the driver of the card), Metal or Direct3D 12.',
  cuda: 'It needs an NVIDIA card with CUDA 12 and cuDNN 9, and beside the native engine the files libonnxruntime_providers_shared.so and libonnxruntime_providers_cuda.so of the same release of ONNX Runtime; docs/devices.md says where they are had.',
  coreml: 'It needs macOS 13 or newer.',
  dml: 'It needs Windows 10 or newer, and DirectML.dll beside the native engine; docs/devices.md says where it is had.',
};

/**
 * Refuses a device that this system has no provider for.
 * @throws HierError
 */
export function requireSystem(device: Device, platform: NodeJS.Platform | undefined = HERE): void {
  const systems = SYSTEMS[device];
  if (systems && !(platform && systems.includes(platform)))
    throw new HierError(
      `The device "${device}" is only there under ${systems.map((name) => SYSTEM_NAMES[name]).join(' and ')}. Choose cpu or webgpu here.`,
    );
}

/** The devices that 'auto' tries on a system, the one that is likely the fastest first. The processor is the last. */
export function devicesFor(platform: NodeJS.Platform | undefined = HERE): readonly Device[] {
  return BEST_FIRST.filter(
    (device) =>
      SYSTEMS[device] === undefined || (platform !== undefined && SYSTEMS[device].includes(platform)),
  );
}

/** The error of a device on which a session could not be opened: what is missing, and how it is had. */
export function cannotUse(device: Exclude<Device, 'cpu'>, cause: unknown): HierError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new HierError(
    `The device "${device}" cannot be used here (${reasonIn(text)}). ${NEEDS[device]} The device cpu does without it.`,
    { cause },
  );
}

/** The last sentence of an engine's message, which is what went wrong; what stands before names the engine's own files. */
function reasonIn(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const first = lines.find((line) => line !== '') ?? 'no reason given';
  return first.replace(/^.*(?:was false\.|FAIL : )\s*/, '').replace(/[.\s]+$/, '');
}
