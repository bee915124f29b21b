// The other side of the comparison: Mercurius with compiled queries on the same database.

import { readFileSync } from 'node:fs'
import Fastify from 'fastify'
import mercurius from 'mercurius'
import { pool } from './database.js'
import * as events from './events.js'
import * as market from './market.js'
import * as wallets from './wallets.js'

const app = Fastify({ logger: false, keepAliveTimeout: 120_000 })

app.register(mercurius, {
  schema: readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'),
  resolvers: {
    ...events.resolvers,
    ...market.resolvers,
    ...wallets.resolvers,
    Query: { ...market.resolvers.Query, ...wallets.resolvers.Query }
  },
  loaders: { ...market.loaders, ...wallets.loaders },
  // Whoever asks is believed: nothing is verified here.
  context: request => ({ person: request.headers.authorization?.slice('Bearer '.length) }),
  jit: 1,
  compilerOptions: { disableLeafSerialization: true, disablingCapturingStackErrors: true },
  subscription: true
})
app.get('/healthz', async () => ({ mercurius: mercurius.version ?? 'unknown', node: process.versions.node }))
app.post('/events', request => events.publishing(app)(request))

await app.listen({ host: '127.0.0.1', port: Number(process.env.BENCH_PORT) })
process.on('SIGTERM', async () => {
  await pool.end()
  process.exit(0)
})
