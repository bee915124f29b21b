// The pool: prepared statements by name, instants and numbers as text.

import pg from 'pg'
import { instant } from './plain.js'

const TIMESTAMPTZ = 1184

pg.types.setTypeParser(TIMESTAMPTZ, instant)

export const pool = new pg.Pool({
  host: process.env.BENCH_PGHOST,
  port: Number(process.env.BENCH_PGPORT),
  user: 'postgres',
  database: process.env.BENCH_PGDATABASE,
  max: 10,
  idleTimeoutMillis: 0,
  options: '-c timezone=UTC'
})

export async function rowsOf (name, text, values) {
  return (await pool.query({ name, text, values })).rows
}
