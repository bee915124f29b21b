// Wallets with their statements, and transfers by the ledger's own function.

import { createHash, hash, randomUUID } from 'node:crypto'
import { rowsOf } from './database.js'
import { users, sizeOf } from './market.js'
import { connection, decodeId, encodeId, keysOf, money, unitsOf } from './plain.js'

const WALLET = `select w.id, w.owner_id, w.asset, a.id as account, a.posted_minor, a.held_minor,
  a.posted_minor - a.held_minor as available_minor, a.version::int from wallets w
  join ledger_accounts a on a.path = w.account_path where w.id = $1`
const ENDS = `select w.owner_id, w.asset, w.account_path, w.id = $1 as is_source, u.status = 'BLOCKED' as is_blocked
  from wallets w join users u on u.id = w.owner_id where w.id = $1 or (w.owner_id = $2 and w.asset = $3)`
const POST = `select transfer_id, booked_at from ledger_post(
  $1, $2, 'PERSON_TO_PERSON', $3, $4, now(), $5, '{WALLET,WALLET}', $6, $7, $8, $9)`
const STATUSES = { HELD: 'PENDING', RELEASED: 'FAILED', EXPIRED: 'FAILED' }
const INSUFFICIENT_FUNDS = 'SK001'

function statement (size, start) {
  const last = `${start} order by position desc limit ${size + 1}`
  return `select l.position, l.source_id, l.change, l.balance, l.state, coalesce(t.code, l.code) as code,
    coalesce(t.reference, l.reference) as reference, coalesce(t.at, l.at) as at, t.note from (
      (select position, transfer_id as source_id, amount_minor as change, balance_after as balance, null as state,
        null as code, null as reference, null::timestamptz as at from ledger_entries where account_id = $1 ${last})
      union all
      (select position, id, -amount_minor, balance_after, state, code, reference, held_at from ledger_holds
        where account_id = $1 and state <> 'CAPTURED' ${last})
      order by position desc limit ${size + 1}
    ) l left join ledger_transfers t on t.id = l.source_id order by l.position desc`
}

// Version 5: the name within the wallet.
function transactionId (walletKey, source) {
  const space = Buffer.from(walletKey.replaceAll('-', ''), 'hex')
  const hex = hash('sha1', Buffer.concat([space, Buffer.from(source)]), 'hex')
  const variant = (parseInt(hex[16], 16) & 3 | 8).toString(16)
  return encodeId('txn', `${hex.slice(0, 12)}5${hex.slice(13, 16)}${variant}${hex.slice(17, 32)}`)
}

function transaction (row, wallet) {
  const isDebit = row.change[0] === '-'
  return {
    id: transactionId(wallet.key, row.source_id),
    type: isDebit ? 'DEBIT' : row.code === 'REVERSAL' ? 'REFUND' : 'CREDIT',
    status: row.state === null ? 'COMPLETED' : STATUSES[row.state],
    code: row.code,
    amount: money(isDebit ? row.change.slice(1) : row.change, wallet.asset),
    runningBalance: money(row.balance, wallet.asset),
    reference: row.reference,
    note: row.note,
    createdAt: row.at
  }
}

class Wallet {
  constructor (row) {
    this.key = row.id
    this.ownerKey = row.owner_id
    this.account = row.account
    this.id = encodeId('wal', row.id)
    this.asset = row.asset
    this.balance = money(row.posted_minor, row.asset)
    this.held = money(row.held_minor, row.asset)
    this.available = money(row.available_minor, row.asset)
    this.version = row.version
  }

  toJSON () {
    return this.key
  }
}

async function wallet (_, { id }, { person }) {
  const [row] = await rowsOf('wallet', WALLET, [decodeId('wal', id)])
  if (!row || encodeId('usr', row.owner_id) !== person) throw new Error('There is no such wallet.')
  return new Wallet(row)
}

async function transactions (wallet, { first, after = null }) {
  const size = sizeOf(first)
  const rows = after === null
    ? await rowsOf(`lines_${size}`, statement(size, ''), [wallet.account])
    : await rowsOf(`lines_${size}_after`, statement(size, 'and position < $2'), [wallet.account, ...keysOf(after)])
  return connection(rows, size, after, row => [row.position], row => transaction(row, wallet))
}

async function transferCreate (_, { input }, { person }) {
  const { fromWalletId, recipientId, amount, note = null, idempotencyKey } = input
  const units = unitsOf(amount)
  const ends = await rowsOf('ends', ENDS, [decodeId('wal', fromWalletId), decodeId('usr', recipientId), amount.asset])
  const source = ends.find(end => end.is_source)
  const destination = ends.find(end => !end.is_source)
  if (!source || encodeId('usr', source.owner_id) !== person) return refused('NotFoundError', 'NOT_FOUND', 'There is no such wallet.')
  if (!destination) return refused('NotFoundError', 'NOT_FOUND', 'There is nobody to send to.')
  if (destination.is_blocked) return refused('ConflictError', 'CONFLICT_ERROR', 'The recipient cannot receive.')
  const reference = 'transfer:' + hash('sha256', `${person}\n${idempotencyKey}`).slice(0, 32)
  const paths = [source.account_path, destination.account_path].sort()
  const from = paths.indexOf(source.account_path) + 1
  const fingerprint = createHash('sha256').update(`PERSON_TO_PERSON\n${source.account_path}>${destination.account_path}=${units}`).digest()
  const assets = [amount.asset, amount.asset]
  const booking = [randomUUID(), reference, fingerprint, note, paths, assets, [from], [3 - from], [units]]
  try {
    const [row] = await rowsOf('post', POST, booking)
    const transfer = {
      id: encodeId('trf', row.transfer_id),
      reference,
      code: 'PERSON_TO_PERSON',
      amount: money(units, amount.asset),
      note,
      createdAt: row.booked_at
    }
    return { errors: [], transfer }
  } catch (fault) {
    if (fault.code !== INSUFFICIENT_FUNDS) throw fault
    return refused('ConflictError', 'CONFLICT_ERROR', 'Not enough available balance.')
  }
}

function refused (kind, code, message) {
  return { errors: [{ __typename: kind, code, message }], transfer: null }
}

export const resolvers = {
  Query: { wallet },
  Mutation: { transferCreate },
  Wallet: { transactions },
  UserError: { resolveType: error => error.__typename }
}

export const loaders = {
  Wallet: { owner: users(found => found.ownerKey) }
}
