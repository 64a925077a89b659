/** Networks on the Hugging Face hub: their names, and the folder in which those that were fetched are kept. */
export { fileAddress, type HubName, hubAddress, isHubName, parseHubName, USUAL_FILES } from './address.js';
export { type GetNetworkOptions, getNetwork } from './get.js';
export { type KeptNetwork, keptNetwork, networkFile, weightsFolder } from './kept.js';
