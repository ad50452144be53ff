using System.Text.Json;
using HealthShare.Policy;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Ledger;

/// <summary>The denies of ids that were merged into a patient's. A merge carries nothing else.</summary>
internal static class CarriedDenies
{
    /// <summary>
    /// The denies that count for a patient besides the patient's own; null where one cannot be read: then nothing may be permitted. All
    /// is read as ranges, so a merge or a deny that comes until the commit invalidates the transaction.
    /// </summary>
    public static async Task<List<StatementInForce>?> LoadAsync(ILedgerState state, string patientId, CancellationToken ct)
    {
        var carried = new List<StatementInForce>();
        var readable = true;
        try
        {
            foreach (var merged in await Merging.MergedIntoAsync(state, patientId, ct))
            {
                var denies = await OfAsync(state, merged, ct);
                readable &= denies is not null;
                foreach (var deny in denies ?? [])
                {
                    // The patient takes one back under the id that stays, as any other, or under its own.
                    if (!await PatientRevocations.HasAsync(state, patientId, deny.Id, ct))
                        carried.Add(deny with { Grant = CarriedDeny.Widen(deny.Grant) });
                }
            }
        }
        catch (JsonException)
        {
            return null; // a merge that cannot be read may carry anything
        }
        return readable ? carried : null;
    }

    private static async Task<List<StatementInForce>?> OfAsync(ILedgerState state, string patientId, CancellationToken ct)
    {
        if (await AttestedConsents.LoadAsync(state, patientId, ct) is not { } attested)
            return null;
        var denies = attested.Where(static consent => consent.Grant.Effect is Effect.Deny).ToList();
        await foreach (var (key, value) in state.ListAsync(LedgerKind.Statement, [patientId], ct))
        {
            try
            {
                var entry = JsonSerializer.Deserialize(value.Span, LedgerJson.Default.StatementEntry)!;
                var statement = SignedStatementReader.Read(entry.Signed);
                if (statement.Body is not GrantBody grant || key != LedgerKey.Statement(patientId, statement.Id))
                    return null;
                if (grant.Effect is Effect.Deny)
                    denies.Add(new StatementInForce(statement.Id, grant));
            }
            catch (Exception e) when (e is JsonException or PolicyException)
            {
                return null; // nothing is permitted; that is the answer
            }
        }
        return denies;
    }
}
