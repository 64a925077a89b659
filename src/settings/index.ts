/** Settings of parts: described as plain data, checked, explained. */
export { type ExplainOptions, explainIssues, valueText } from './explain.js';
export { type Field, schemaFields } from './fields.js';
export { checkSettings, float32, settingSchemas } from './schema.js';
export {
  type AnyValues,
  type Bounds,
  type ChoiceSetting,
  defaultsOf,
  type FlagSetting,
  type GroupSetting,
  type IntervalSetting,
  type ListSetting,
  type NumberSetting,
  type Setting,
  type Settings,
  type TextSetting,
  type Value,
  type Values,
} from './setting.js';
