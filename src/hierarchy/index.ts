/**
 * Hierarchies: built from embeddings and ancestors, described, exported, and scored beside their controls. What pages
 * that show a tree do without is not here: choosing among the trees that can be built, and trees of very many leaves, which
 * search for neighbours on an engine.
 */

export { type AncestorInput, type AncestorMap, ancestorMap, ancestorTree } from './ancestors.js';
export {
  type BuildOptions,
  type BuiltTree,
  buildTree,
  normsOf,
  possibleConstructions,
  type ShownTree,
  shownTree,
  type TreeSources,
} from './build.js';
export { chamferDistances, type LeafItems } from './chamfer.js';
export type { TreeCandidate, TreeChoice } from './choice/choose.js';
export {
  CONSTRUCTIONS,
  type Construction,
  type ConstructionFacts,
  factsOf,
  needsProxies,
} from './constructions.js';
export {
  type DescribeOptions,
  describeTree,
  type Hierarchy,
  type HierarchyNode,
} from './describe.js';
export {
  between,
  type Dissimilarities,
  fromSquare,
  lcaDissimilarities,
  MOST_ITEMS,
  type Points,
  pairDistances,
  proxyDistances,
} from './dissimilarity.js';
export { fromJson, type HierarchyDocument, toJson } from './document.js';
export { treeOutline, unfolded } from './fold.js';
export {
  fromNewick,
  type NamedTree,
  toDot,
  toNewick,
} from './formats.js';
export { lcaDistance, lcaPoint } from './lcaPoint.js';
export { classLeaves, itemLeaves, type Leaves } from './leaves.js';
export { cutLevels, defaultLevels, type Levels } from './levels.js';
export { dendrogram, type Linkage, linkage, type Merges } from './linkage.js';
export type { LabelLevel } from './names/terms.js';
export { type Placement, type PlaceOptions, placeInTree } from './place.js';
export { arrange, collapse, type ParentMap, type Reshaped } from './reshape.js';
export {
  copheneticCorrelation,
  type Distortion,
  dasguptaCost,
  distortion,
  relativeDasguptaCost,
  type TripletOptions,
  tripletAgreement,
} from './scores/agreement.js';
export { type BootstrapOptions, type Interval, type Resampled, resamplePurity } from './scores/bootstrap.js';
export type { Scored } from './scores/candidates.js';
export { randomProxies, shuffledTerms } from './scores/controls.js';
export {
  curvatureEstimate,
  deltaHyperbolicity,
  type Hyperbolicity,
  meanRelativeDelta,
} from './scores/hyperbolicity.js';
export { type PurityOptions, type PurityRow, treePurities } from './scores/purities.js';
export { dendrogramPurity, type PairUnits, pairUnits, purityByUnits } from './scores/purity.js';
export {
  type HierarchicalPrecision,
  hierarchicalDistance,
  hierarchicalPrecision,
  mistakeSeverity,
  type NearestOthers,
  type RankedClasses,
  type SiblingRecall,
  siblingRecall,
} from './scores/retrievalScores.js';
export { type ScoreOptions, scoreTree } from './scores/score.js';
export type { Agreement, Role, ScoredBy, ScoreRow, TreeScores } from './scores/scoreRow.js';
export { type Standing, standing, verdict } from './scores/verdict.js';
export { type Anchors, signatures } from './signatures.js';
export { type ItemSpaces, treeSources } from './sources.js';
export {
  datasetTerms,
  lcaHeight,
  leavesOfClasses,
  type TermTree,
  termsOnLevel,
  termTree,
  wuPalmer,
} from './taxonomy.js';
export {
  checkTree,
  childrenOf,
  commonAncestor,
  depthsOf,
  forEachPair,
  heightsOf,
  type LeafOrder,
  leafOrder,
  membersOf,
  type NodeLists,
  pathLengths,
  rootDistances,
  type Tree,
} from './tree.js';
