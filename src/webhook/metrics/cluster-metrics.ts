import { Counter, type Registry } from 'prom-client'
import { addGauge } from './asked-gauge.js'

/** A watched cluster at one moment. */
export interface ClusterObservation {
  readonly migrations: number
  readonly unreadable: number
  /** Whether everything is known and followed. */
  readonly up: boolean
  /** Number of restarts of a watch since the start. */
  readonly restarts: number
  /** In seconds. */
  readonly lastEventAge: number
}

/** Registers the metrics of a watched cluster; `ask` is called at each scrape. */
export function registerClusterMetrics(registry: Registry, ask: () => ClusterObservation): void {
  addGauge(registry, {
    name: 'atlas_admission_atlasmigrations',
    help: 'AtlasMigrations that are known',
    ask: () => ask().migrations,
  })
  addGauge(registry, {
    name: 'atlas_admission_atlasmigrations_unreadable',
    help: 'AtlasMigrations that cannot be read, so that no review knows of them',
    ask: () => ask().unreadable,
  })
  addGauge(registry, {
    name: 'atlas_admission_watch_up',
    help: '1 while all AtlasMigrations are known and followed, else 0',
    ask: () => Number(ask().up),
  })
  addGauge(registry, {
    name: 'atlas_admission_watch_last_event_age_seconds',
    help: 'Time since the API server last said anything about AtlasMigrations; below 90 while the watch works',
    ask: () => ask().lastEventAge,
  })
  const restarts: Counter = new Counter({
    name: 'atlas_admission_watch_restarts_total',
    help: 'Watches of AtlasMigrations, or lists before them, that failed and were begun again',
    registers: [registry],
    collect() {
      restarts.reset()
      restarts.inc(ask().restarts)
    },
  })
}
