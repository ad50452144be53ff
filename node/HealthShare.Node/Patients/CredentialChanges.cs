using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Policy;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Patients;

/// <summary>A patient's credentials on the ledger, and who signed for their coming and going.</summary>
internal sealed class CredentialChanges(ILedgerState state, string channel, string patientId)
{
    private readonly List<CredentialEntry> entries = [];

    /// <summary>Credentials that another one introduced.</summary>
    public IEnumerable<CredentialEntry> Additions => entries.Where(entry => entry.StatementId is not null);

    /// <summary>Credentials that were revoked.</summary>
    public IEnumerable<CredentialEntry> Revocations => entries.Where(entry => entry.IsRevoked);

    public async Task LoadAsync(CancellationToken ct)
    {
        await foreach (var (_, value) in state.ListAsync(LedgerKind.Credential, [patientId], ct))
            entries.Add(JsonSerializer.Deserialize(value.Span, LedgerJson.Default.CredentialEntry)!);
    }

    /// <summary>The credential that signed the addition, when it is one of the given and the signature verifies; null otherwise.</summary>
    public Task<string?> SignerOfAdditionAsync(CredentialEntry entry, Func<StatementSigner, Credential?> find, CancellationToken ct) =>
        SignerAsync(entry.StatementId!, find, body => body is AddCredentialBody added && added.Credential == entry.Credential.CredentialId
            && added.PublicKey == entry.Credential.PublicKey && added.RpId == entry.Credential.RpId
            && added.Origins.SequenceEqual(entry.Credential.Origins), ct);

    /// <summary>The credential that signed the revocation, when it is one of the given and the signature verifies; null otherwise.</summary>
    public Task<string?> SignerOfRevocationAsync(CredentialEntry entry, Func<StatementSigner, Credential?> find, CancellationToken ct) =>
        SignerAsync(entry.RevokedBy!, find, body => body is RevokeCredentialBody revoked && revoked.Credential == entry.Credential.CredentialId, ct);

    private async Task<string?> SignerAsync(
        string statementId, Func<StatementSigner, Credential?> find, Func<StatementBody, bool> says, CancellationToken ct)
    {
        if (await state.GetAsync(LedgerKey.EndedStatement(patientId, statementId), ct) is not { } stored
            || JsonSerializer.Deserialize(stored, LedgerJson.Default.EndedStatementEntry)?.Signed is not { } signed)
            return null;
        try
        {
            var statement = SignedStatementReader.Read(signed);
            if (statement.Channel != channel || statement.Patient != patientId || statement.Id != statementId || !says(statement.Body)
                || find(statement.Signer) is not { } signer)
                return null;
            SignedStatementReader.Verify(signed, signer);
            return signer.CredentialId;
        }
        catch (PolicyException)
        {
            return null; // nobody on the list said so
        }
    }
}
