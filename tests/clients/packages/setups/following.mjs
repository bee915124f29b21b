// Follows a wallet for as long as the app wants, over broken connections, without a hole and without a double.
export function followWallet(socket, walletId, { query, onSnapshot, onUpdate }) {
  const variables = { id: walletId };
  return socket.subscribe(
    { query, variables },
    {
      next({ data: { walletEvents: item } }) {
        // The client sends its variables again when it connects again: the cursor of the last item resumes behind it.
        variables.after = item.cursor ?? item.resumeFrom;
        if (item.__typename === "WalletSnapshot") onSnapshot(item.wallet);
        if (item.__typename === "WalletUpdated") onUpdate(item);
      },
      error: console.error,
      complete() {},
    },
  );
}
