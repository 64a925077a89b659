/**
 * The map as a component of React. It is made when React puts the element on the page, changed when its properties change, and
 * taken away with the element: twice in development, where StrictMode mounts everything twice.
 */
import {
  createMap,
  type InteractiveMap,
  type MapColumn,
  type MapLook,
  type MapNode,
  type MapPoints,
} from '@hier-ml/hier/map';
import { type CSSProperties, useEffect, useRef } from 'react';

/** Properties of {@link HierMap}. Keep data in constants, in state or in `useMemo`: other arrays are other data. */
export interface HierMapProps extends MapLook {
  readonly points: MapPoints;
  readonly tree?: readonly MapNode[] | null;
  readonly columns?: readonly MapColumn[];
  readonly label?: string;
  /** Id of the selected item; null for none. */
  readonly selected?: string | null;
  readonly onSelect?: (id: string | null) => void;
  /** Its size: a map fills its element. */
  readonly style?: CSSProperties;
}

/** A map. */
export function HierMap({
  points,
  tree,
  columns,
  label,
  selected = null,
  onSelect,
  style,
  ...look
}: HierMapProps) {
  const element = useRef<HTMLDivElement>(null);
  const map = useRef<InteractiveMap | null>(null);
  const told = useRef(onSelect);
  told.current = onSelect;
  const { colourBy, theme, lines, lasso, neighbours } = look;

  // What changes later goes through update, below.
  useEffect(() => {
    const made = createMap(element.current as HTMLElement, { points, tree, columns, label, ...look });
    made.on('select', ({ id }) => told.current?.(id));
    map.current = made;
    return () => {
      map.current = null;
      made.destroy();
    };
  }, [label]);
  useEffect(() => {
    map.current?.update({ points, tree, columns, colourBy, theme, lines, lasso, neighbours });
  }, [points, tree, columns, colourBy, theme, lines, lasso, neighbours]);
  useEffect(() => {
    map.current?.select(selected);
  }, [selected]);

  return <div ref={element} style={style} />;
}
