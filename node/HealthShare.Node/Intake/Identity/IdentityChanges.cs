using System.Runtime.ExceptionServices;
using System.Text;
using HealthShare.Fabric.Client;
using HealthShare.Node.Intake.Pipeline;
using HealthShare.Node.Patients;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Intake.Identity;

/// <summary>What became of a message's word on identities, for its history.</summary>
/// <param name="Detail">A code, with random ids only.</param>
/// <param name="PriorPatient">The patient whom a moved visit belonged to; null where there is none.</param>
internal sealed record IdentityNote(string Detail, string? PriorPatient = null);

/// <summary>
/// Does what messages say of patients' identities: numbers in the node's own index, and the hospital's word on the channel that two ids are
/// one person. No number leaves the node. All of it may be repeated.
/// </summary>
internal sealed class IdentityChanges(PatientNumbers numbers, IntakeEnrollment enrollment, IIntakeLedger ledger, IntakeKeys keys)
{
    private static readonly Dictionary<string, string> Refusals = new(StringComparer.Ordinal)
    {
        ["merge.objected"] = "A hospital or the patient objected: these two are not merged.",
        ["merge.already_merged"] = "One of the two was merged into another id before; the merge must name that one.",
        ["merge.is_surviving"] = "Other ids were merged into the one that would go; let that one stay.",
        ["merge.too_many"] = "The channel takes no more merges of these patients.",
        ["merge.id_taken"] = "Another hospital speaks of this merge under another id; send the message through again.",
        ["statement.id_taken"] = "The id of the merge is in use on the channel.",
        ["patient.not_affiliated"] = "The hospital is not affiliated with the patient who stays; the patient must link it first.",
    };

    /// <summary>What has to be done before the patient of PID-3 is looked for: a number that was replaced leads to the same patient.</summary>
    public Task BeforeAsync(IReadOnlyList<HealthShare.Hl7.Values.PatientIdentifier> current, IdentityFacts facts, CancellationToken ct) =>
        facts.Change is IdentityChange.Renumber && facts.Prior.Count > 0 ? numbers.ReplaceAsync(facts.Prior, current, ct) : Task.CompletedTask;

    /// <summary>What has to be done once the patient of PID-3 is known and on the ledger.</summary>
    /// <exception cref="IdentityException">It cannot be done; staff must look at it.</exception>
    public async Task<IdentityNote> ApplyAsync(string patientId, IdentityFacts facts, CancellationToken ct)
    {
        if (facts.Prior.Count == 0) // of the others the door asks for one
            return new IdentityNote("visit.source_missing");
        if (facts.Change is IdentityChange.Renumber)
            return new IdentityNote("number.replaced");
        var owners = await numbers.OwnersAsync(facts.Prior, patientId, ct);
        if (owners.Count > 1)
            throw new PatientConflictException();
        if (facts.Change is IdentityChange.MoveVisit)
        {
            return owners.Count == 0 ? new IdentityNote("visit.source_unknown")
                : owners[0].PatientId == patientId ? new IdentityNote("visit.same_patient")
                : facts.Visit is null ? new IdentityNote("visit.not_named")
                : new IdentityNote("visit.moved", owners[0].PatientId);
        }
        if (owners.Count == 0)
        {
            // What still comes under the earlier number is this person's.
            await numbers.LearnAsync(facts.Prior, patientId, ct);
            return new IdentityNote("merge.source_unknown");
        }
        if (owners[0].PatientId == patientId)
            return new IdentityNote("merge.same_patient");
        return await MergeAsync(owners[0], patientId, ct);
    }

    private async Task<IdentityNote> MergeAsync(DirectoryEntry prior, string surviving, CancellationToken ct)
    {
        if (!prior.Enrolled && (await enrollment.EnrollAsync([prior.PatientId], ct))[prior.PatientId] is { } failure)
            ExceptionDispatchInfo.Throw(failure);
        try
        {
            // Whatever message says it, this hospital says the same of the same two, so that a repetition says nothing new.
            var mergeId = LedgerId.From(IdKind.Statement, keys.Hash("merge-id", Encoding.ASCII.GetBytes(prior.PatientId), Encoding.ASCII.GetBytes(surviving)).AsSpan(0, 16));
            var isComplete = await ledger.MergeAsync(mergeId, prior.PatientId, surviving, ct);
            return new IdentityNote($"{(isComplete ? "merge.said" : "merge.incomplete")} {prior.PatientId}");
        }
        catch (LedgerException e) when (e.ChaincodeMessage is not null && Refusals.TryGetValue(e.Code, out var reason))
        {
            throw new IdentityException(e.Code, reason);
        }
    }
}
