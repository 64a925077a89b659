/**
 * Which device a network computes on, by the name that a recipe, a command or the variable HIER_DEVICE gives, 'auto'
 * among them; and whether a whole network embeds there as on the processor. Operators are compared one by one elsewhere.
 */
import { HierError, UsageError } from '../errors.js';
import {
  DEVICES,
  type Device,
  devicesFor,
  type Model,
  openSession,
  type Session,
  sizeOf,
} from '../graph/index.js';
import { difference, PARITY_TOLERANCE } from '../graph/parity.js';
import { randomStream } from '../random.js';

/** What can be asked for: a device, or the best one that is there and computes rightly. */
export type DeviceChoice = Device | 'auto';

/** What can be asked for, as a list for messages and options. */
export const DEVICE_CHOICES: readonly DeviceChoice[] = ['auto', ...DEVICES];

/**
 * The device asked for; for 'auto' the first that `agrees`, the processor at last.
 * @param agrees throws where a device cannot be used or computes something else than the processor
 * @param onNote told which one 'auto' takes, and why not those before it
 */
export async function chosenDevice(
  choice: DeviceChoice,
  agrees: (device: Device) => Promise<void>,
  onNote: (note: string) => void,
): Promise<Device> {
  if (choice !== 'auto') {
    if (choice !== 'cpu') await agrees(choice);
    return choice;
  }
  for (const device of devicesFor()) {
    if (device === 'cpu') break;
    try {
      await agrees(device);
      onNote(`the device is ${device}`);
      return device;
    } catch (error) {
      if (!(error instanceof HierError)) throw error;
      onNote(`not the device ${device}: ${error.message}`);
    }
  }
  onNote('the device is the processor');
  return 'cpu';
}

/**
 * What the variable HIER_DEVICE asks trained networks to embed on; the processor when it is not set.
 * @throws UsageError when it names no device
 */
export function askedDevice(environment: NodeJS.ProcessEnv = process.env): DeviceChoice {
  const name = environment.HIER_DEVICE;
  if (!name) return 'cpu';
  const found = DEVICE_CHOICES.find((one) => one === name);
  if (found) return found;
  throw new UsageError(`HIER_DEVICE is "${name}". Give one of: ${DEVICE_CHOICES.join(', ')}.`);
}

/** A session of a network. */
export interface OpenedNetwork {
  readonly session: Session;
  /** Whether no other session may compute beside it, as on a graphics card. */
  readonly isAlone: boolean;
}

/** Opens a network on the device that HIER_DEVICE asks for: a graphics card after a trial. */
export async function openAsked(network: Model, options: { threads?: number } = {}): Promise<OpenedNetwork> {
  let session: Session | undefined;
  const agrees = async (device: Device) => {
    session = await openTried(network, device, options);
  };
  await chosenDevice(askedDevice(), agrees, () => undefined);
  if (session) return { session, isAlone: true };
  // Batches of one size follow each other: asking the system for their memory anew takes as long as the network.
  return { session: await openSession(network, { reuseMemory: true, ...options }), isAlone: false };
}

/** Inputs that a network is tried with. */
const TRIED = 2;

/**
 * A session of a network on a device, tried with two inputs beside the processor before it is relied on.
 * @throws HierError when the device cannot be used, or embeds them elsewhere
 */
async function openTried(
  network: Model,
  device: Device,
  options: { threads?: number } = {},
): Promise<Session> {
  const session = await openSession(network, { ...options, device });
  try {
    const [[name, { shape }]] = Object.entries(network.inputs);
    const random = randomStream(0, 'device');
    const length = TRIED * sizeOf(shape.slice(1));
    const feeds = { [name]: Float32Array.from({ length }, () => random.normal()) };
    const onProcessor = await openSession(network, options);
    const expected = (await onProcessor.run(feeds)).embeddings as Float32Array;
    await onProcessor.close();
    const actual = (await session.run(feeds)).embeddings as Float32Array;
    const off = difference(actual, expected);
    if (!(off <= PARITY_TOLERANCE))
      throw new HierError(
        `The device "${device}" does not embed as the processor does: two inputs differ by ${off.toExponential(1)} of the largest number, where ${PARITY_TOLERANCE} would be rounding. Embed with the device cpu; "npx hier doctor RUN --device ${device}" names the operator.`,
      );
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}
