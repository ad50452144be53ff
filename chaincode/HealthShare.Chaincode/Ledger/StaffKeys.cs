using System.Text.Json;

namespace HealthShare.Chaincode.Ledger;

/// <summary>What a hospital's staff keys, past and present, allow. Endorsers and auditors judge it alike.</summary>
public static class StaffKeys
{
    /// <summary>
    /// True where the hospital has or had the same public key under another credential id: one authenticator for two persons would
    /// declare an emergency alone. Other hospitals' keys are not looked at: both who declare are of one hospital, and who sees a
    /// registration on its way could take its key first.
    /// </summary>
    /// <param name="state">The state before.</param>
    /// <param name="registered">The key to register.</param>
    /// <param name="ct">Stops the reading.</param>
    public static async Task<bool> HasKeyAsync(ILedgerState state, StaffKeyEntry registered, CancellationToken ct)
    {
        var found = false;
        // The whole range: of two registrations at once, one sees the other.
        await foreach (var (_, value) in state.ListAsync(LedgerKind.StaffKey, [registered.Member], ct))
            found |= JsonSerializer.Deserialize(value.Span, LedgerJson.Default.StaffKeyEntry)!.Credential.PublicKey == registered.Credential.PublicKey;
        return found;
    }
}
