"""The operations that the flow tests send."""

OTP_SEND = "mutation($input: OtpSendInput!) { otpSend(input: $input) { expiresAt errors { message } } }"
OTP_VERIFY = """
mutation($input: OtpVerifyInput!) { otpVerify(input: $input) {
  accessToken refreshToken isNewUser user { id } errors { __typename code reason message } } }
"""
SESSION_REFRESH = """
mutation($input: SessionRefreshInput!) { sessionRefresh(input: $input) {
  accessToken refreshToken errors { __typename code reason message } } }
"""
SESSION_REVOKE_ALL = "mutation { sessionRevokeAll { sessions { id endedReason } errors { message } } }"
VIEWER = "{ viewer { id wallets { id asset available { amount } } } }"
LISTING_CREATE = """
mutation($input: ListingCreateInput!) { listingCreate(input: $input) {
  listing { id status } errors { __typename code message path } } }
"""
LISTING_APPROVE = """
mutation($input: ListingApproveInput!) { listingApprove(input: $input) {
  listing { id status expiresAt } errors { __typename code message reason } } }
"""
LISTING_REJECT = """
mutation($input: ListingRejectInput!) { listingReject(input: $input) {
  listing { id status rejectionReason } errors { __typename code message } } }
"""
LISTING = "query($id: ID!) { listing(id: $id) { id status rejectionReason } }"
CATEGORIES = "{ categories { id children { id } } }"
USER_BLOCK = """
mutation($input: UserBlockInput!) { userBlock(input: $input) { user { id status } errors { code message } } }
"""
USER_UNBLOCK = """
mutation($input: UserUnblockInput!) { userUnblock(input: $input) { user { id status } errors { code message } } }
"""
ROLE_GRANT = "mutation($input: RoleGrantInput!) { roleGrant(input: $input) { user { roles } errors { message } } }"
ROLE_REVOKE = "mutation($input: RoleRevokeInput!) { roleRevoke(input: $input) { user { roles } errors { message } } }"
TRANSFER_CREATE = """
mutation($input: TransferCreateInput!) { transferCreate(input: $input) {
  transfer { id reference amount { amount asset } } errors { __typename code message path reason } } }
"""
ADJUSTMENT_CREATE = """
mutation($input: AdjustmentCreateInput!) { adjustmentCreate(input: $input) { transfer { id } errors { code } } }
"""
WALLET = """
query($id: ID!) { wallet(id: $id) { available { amount } version transactions(first: 50) { nodes { reference } } } }
"""
WALLET_EVENTS = """
subscription($id: ID!, $after: StreamCursor) { walletEvents(walletId: $id, after: $after) {
  __typename
  ... on WalletSnapshot { wallet { available { amount } version } cursor }
  ... on WalletUpdated { type balance { amount } wallet { available { amount } version } cursor
    txn { type status amount { amount } reference } }
  ... on StreamGap { reason resumeFrom } } }
"""
LISTING_EVENTS = """
subscription($id: ID, $filter: ListingFeedInput) { listingEvents(listingId: $id, filter: $filter) {
  __typename
  ... on ListingSnapshot { listing { status } cursor }
  ... on ListingFeedSnapshot { cursor }
  ... on ListingUpdated { type listingId status title statusReason expiryAt requestId }
  ... on StreamGap { reason resumeFrom } } }
"""
USER_EVENTS = """
subscription { userEvents {
  __typename
  ... on UserSnapshot { user { id } }
  ... on UserBlocked { type reason until }
  ... on SessionEnded { endedReason } } }
"""
