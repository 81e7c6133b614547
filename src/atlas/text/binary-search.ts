/**
 * Go's slices.BinarySearchFunc: the place of an item, or -1. `compare` tells how an item lies to
 * the wanted one. On items that are not sorted, the search misses exactly where Go's does.
 */
export function binarySearch<Item>(
  items: readonly Item[],
  compare: (item: Item) => number,
): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(items[middle]!) < 0) low = middle + 1
    else high = middle
  }
  return low < items.length && compare(items[low]!) === 0 ? low : -1
}
