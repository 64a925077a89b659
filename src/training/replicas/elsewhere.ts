/** Where replicas can be computed beside the threads of this process: what the replicas ask of it. Types only. */
import type { Pair } from './pairs.js';
import type { Passes } from './passes.js';
import type { ReplicaSetup, ShareOfLosses } from './replicaMessages.js';

/** What replicas are made of, and the memory of this process. */
export interface Network extends Pick<ReplicaSetup, 'recipe' | 'places' | 'threads' | 'reuseMemory'> {
  readonly models: Pick<ReplicaSetup['models'], 'forward' | 'backward' | 'evaluate'>;
  readonly losses: readonly ShareOfLosses[];
  /** All arrays by name. */
  readonly values: Readonly<Record<string, Float32Array>>;
  /** For each replica the memory that its gradients are added up in. */
  readonly gradients: readonly SharedArrayBuffer[];
}

/** Other processes that compute replicas. */
export interface Elsewhere {
  /** Called once, with the network that is trained. */
  open(network: Network): void;
  /** Begins a step: deals its replicas out, and sends the parameters on their way. */
  begin(at: StepPlace): StepElsewhere;
  /** How many replicas, from the first one on, this process would compute in a step that began now. */
  readonly here: number;
  /** The training of this network is over. */
  close(): void;
}

/** A step of a run, both from 0. */
export interface StepPlace {
  readonly epoch: number;
  readonly step: number;
}

/** A step of which others compute a part. */
export interface StepElsewhere {
  /** The passes of a replica, given those of its thread in this process. */
  passes(replica: number, here: Passes): Passes;
  /** Which additions of gradients were made elsewhere; asked after the way back. */
  added(): readonly Pair[];
}
