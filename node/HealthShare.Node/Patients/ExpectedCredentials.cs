using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Patients;

/// <summary>
/// Credentials that come on the custodian's list when a waiting time is over by its clock: those that a credential which hospitals
/// vouch for introduced. What they permit is waited for, where it would otherwise be taken for a false decision of the ledger.
/// </summary>
internal static class ExpectedCredentials
{
    /// <summary>The credentials and from when each counts.</summary>
    /// <param name="state">The state to read credentials and statements from.</param>
    /// <param name="channel">The channel's name, which every statement must be for.</param>
    /// <param name="patientId">Patient.</param>
    /// <param name="vouched">Since when this node knows of signers.</param>
    /// <param name="ct">Stops the reading.</param>
    public static async Task<Dictionary<string, (Credential Credential, DateTimeOffset From)>> FindAsync(
        ILedgerState state, string channel, string patientId, VouchedTimes vouched, CancellationToken ct)
    {
        var expected = new Dictionary<string, (Credential Credential, DateTimeOffset From)>(StringComparer.Ordinal);
        var signers = new Dictionary<string, (Credential Credential, DateTimeOffset From)>(StringComparer.Ordinal);
        await foreach (var (_, value) in state.ListAsync(LedgerKind.VouchedSigner, [patientId], ct))
        {
            if (JsonSerializer.Deserialize(value.Span, LedgerJson.Default.VouchedEntry) is { Attested.Kind: VouchedKind.Credential } entry
                && vouched.From(entry) is { } from && await entry.SufficesAsync(state, ct))
                signers[entry.Attested.SignerId] = (entry.Attested.Credentials[0], from);
        }
        if (signers.Count == 0)
            return expected;
        var changes = new CredentialChanges(state, channel, patientId);
        await changes.LoadAsync(ct);
        // One that is expected may have introduced another: as often as something new is found.
        for (var more = true; more;)
        {
            more = false;
            foreach (var entry in changes.Additions.Where(entry => !expected.ContainsKey(entry.Credential.CredentialId)).ToList())
            {
                var from = DateTimeOffset.MaxValue;
                if (await changes.SignerOfAdditionAsync(entry, by => Find(by, out from), ct) is null)
                    continue;
                expected[entry.Credential.CredentialId] = (entry.Credential, from);
                more = true;
            }
        }
        return expected;

        Credential? Find(StatementSigner by, out DateTimeOffset from)
        {
            var found = by.Delegate is { } id ? signers.GetValueOrDefault(id) : expected.GetValueOrDefault(by.Credential);
            from = found.From;
            return found.Credential?.CredentialId == by.Credential ? found.Credential : null;
        }
    }
}
