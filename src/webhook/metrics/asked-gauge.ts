import { Gauge, type Registry } from 'prom-client'

/** A gauge whose value is asked for at each scrape. */
export interface AskedGauge {
  readonly name: string
  readonly help: string
  readonly ask: () => number
}

export function addGauge(registry: Registry, { name, help, ask }: AskedGauge): void {
  const gauge: Gauge = new Gauge({
    name,
    help,
    registers: [registry],
    collect: () => gauge.set(ask()),
  })
}
