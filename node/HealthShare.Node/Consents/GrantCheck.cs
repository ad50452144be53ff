using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents;

/// <summary>
/// Refuses, before anybody signs, what the channel would refuse once it is signed: by the same code over this node's copy. What it cannot
/// know is what changes in between.
/// </summary>
internal sealed class GrantCheck(Replica replica, ILedger ledger)
{
    // Where the patient has none yet, one of the usual length.
    private static readonly string UsualCredential = new('A', 43);

    /// <summary>Checks a grant that the patient would sign now.</summary>
    /// <param name="patientId">Patient.</param>
    /// <param name="grant">The grant.</param>
    /// <param name="time">Now, in whole seconds.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <exception cref="PolicyException">The code and the sentence that signing it would be refused with.</exception>
    public async Task CheckAsync(string patientId, GrantBody grant, DateTimeOffset time, CancellationToken ct)
    {
        if (await replica.GetAsync(LedgerKey.Patient(patientId), LedgerJson.Default.PatientEntry, ct) is { IsErased: true })
            throw new PolicyException("patient.erased", "The patient erased what is shared; nothing begins under this id any more.");
        NamedRoles.Check(grant.Scope, "statement.body.scope");
        var signer = new StatementSigner(await CredentialAsync(patientId, ct));
        var statement = new Statement(ledger.Channel, LedgerId.New(IdKind.Statement), patientId, signer, time, grant);
        var length = StatementWriter.Write(statement).Length;
        if (length > Statement.MaxBytes)
            throw new PolicyException("statement.too_large", $"The statement has {length} bytes; at most {Statement.MaxBytes} are accepted.");
        if ((await GrantPlace.FindAsync(replica, statement, time, ct)).Refusal is var (code, text))
            throw new PolicyException(code, text);
    }

    // The longest, since the statement names whichever signs.
    private async Task<string> CredentialAsync(string patientId, CancellationToken ct) =>
        (await replica.ListAsync(LedgerKind.Credential, [patientId], LedgerJson.Default.CredentialEntry, ct))
            .Where(entry => !entry.IsRevoked).Select(entry => entry.Credential.CredentialId).MaxBy(credential => credential.Length) ?? UsualCredential;
}
