using System.Collections.Concurrent;
using System.Data.Common;
using HealthShare.Fabric.Client;
using HealthShare.Node.Keys;
using HealthShare.Node.Patients;

namespace HealthShare.Node.Intake.Pipeline;

/// <summary>Brings patients of whom messages speak to the ledger; with staff who enrol the same one at this moment it takes turns.</summary>
internal sealed class IntakeEnrollment(PatientDirectory patients, EnrollmentTurns turns, LabelKeys labelKeys, IIntakeLedger ledger)
{
    private const int AtOnce = 16; // they wait for blocks most of the time, and share them this way

    /// <summary>Enrols patients, different ones at once.</summary>
    /// <returns>For each patient why it failed, or null.</returns>
    /// <exception cref="DbException">The database is away.</exception>
    public async Task<IReadOnlyDictionary<string, Exception?>> EnrollAsync(IReadOnlyCollection<string> patientIds, CancellationToken ct)
    {
        // The label keys first: no patient is on the ledger whose tokens could not be computed.
        await labelKeys.CreateMissingAsync(patientIds, ct);
        var outcomes = new ConcurrentDictionary<string, Exception?>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(patientIds, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (patientId, token) =>
        {
            try
            {
                using var turn = await turns.TakeAsync(patientId, token);
                if (!await patients.IsEnrolledAsync(patientId, token))
                    await ledger.EnrollAsync(patientId, token);
                outcomes[patientId] = null;
            }
            catch (Exception e) when (!StageFailures.EndsTurn(e, token))
            {
                if (e is LedgerException { Code: PatientDirectory.IdTaken })
                    await patients.ReplaceAsync(patientId, token); // the next try has another id
                outcomes[patientId] = e;
            }
        });
        var enrolled = outcomes.Where(outcome => outcome.Value is null).Select(outcome => outcome.Key).ToList();
        if (enrolled.Count > 0)
            await patients.EnrolledAsync(enrolled, ct);
        return outcomes;
    }
}
