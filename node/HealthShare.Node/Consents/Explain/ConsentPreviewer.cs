using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Consents.Explain;

/// <summary>
/// Decides twice for every record and everyone who is named: by the statements as they are, and as if the new ones were signed.
/// </summary>
internal sealed class ConsentPreviewer(
    Replica replica, AccessPolicies policies, GrantCheck check, CodeBook codeBook, ILedger ledger, IOptions<ConsentsOptions> options, TimeProvider clock)
{
    private const int MaxRecords = 200, MaxReaders = 40; // a reader counts once for each purpose
    private const string NewStatement = ""; // no statement has this id

    /// <summary>Previews; null where there is no such patient.</summary>
    /// <exception cref="HealthShare.Policy.PolicyException">Signing it would be refused, with this code.</exception>
    public async Task<ConsentPreview?> PreviewAsync(
        string patientId, IReadOnlyList<GrantBody> grants, PlainWords words, CancellationToken ct)
    {
        if (await replica.GetAsync(LedgerKey.Patient(patientId), ct) is null)
            return null;
        var now = LedgerTime.Truncate(clock.GetUtcNow());
        foreach (var grant in grants)
            await check.CheckAsync(patientId, grant, now, ct);
        var waits = await WaitsAsync(grants, now, ct);
        var at = new[] { now, grants.Min(grant => grant.Period.Start), waits.Min(wait => wait.Latest) ?? now }.Max();
        var own = await (await policies.OfCustodianAsync(patientId, ct)).ForPreviewAsync(replica, patientId, ct);
        var channel = await (await policies.OfChannelAsync(patientId, ct)).ForPreviewAsync(replica, patientId, ct);
        var countsFrom = await policies.CountsFromAsync(patientId, ct);
        var ownThen = own.With(Further((grant, wait) => grant.Effect is Effect.Permit && countsFrom > (wait.Own ?? now) ? countsFrom : wait.Own));
        var channelThen = channel.With(Further((_, wait) => wait.Channel));

        var held = await policies.RecordsAsync(patientId, ct);
        var all = held.All.Where(entry => !held.IsWithdrawn(entry)).ToList(); // what was withdrawn nobody gets
        var records = all.OrderByDescending(entry => entry.Record.Date).ThenBy(entry => entry.Record.RecordId, StringComparer.Ordinal)
            .Take(MaxRecords).Select(entry => (Facts: PatientPolicy.FactsOf(entry), Entry: entry, IsOwn: entry.Custodian == ledger.MspId)).ToList();
        var names = await MemberNames.LoadAsync(replica, ct);
        var forbidsEmergencies = grants.Any(grant => grant is { Effect: Effect.Deny, EmergencyNever: true });
        var asked = Asked(grants, channel, forbidsEmergencies).Take(MaxReaders + 1).ToList();
        var codes = await codeBook.OfAsync(patientId, null, ct);
        return new ConsentPreview(at, [.. grants.Select(BodyOf)], all.Count > MaxRecords || asked.Count > MaxReaders,
            [.. records.Select(record => Described(record.Entry, codes))],
            [.. asked.Take(MaxReaders).Select(pair => Read(pair.Reader, pair.Purpose))],
            waits.Max(wait => wait.Latest) is { } from ? new PreviewWaiting(from, words.Find("preview.waiting", ("until", LedgerTime.Format(from)))!) : null);

        StatementInForce[] Further(Func<GrantBody, Wait, DateTimeOffset?> until) =>
            [.. grants.Zip(waits, (grant, wait) => new StatementInForce(NewStatement, grant, EffectiveFrom: until(grant, wait)))];

        PreviewReader Read(Reader reader, string purpose)
        {
            ct.ThrowIfCancellationRequested();
            DateTimeOffset? emergencyUntil = forbidsEmergencies && purpose is DecisionKernel.EmergencyTreatment ? at + DecisionKernel.MaxValidity : null;
            var request = reader.ToFacts(reader.Org is { } org ? names.Members.GetValueOrDefault(org) : null, purpose, at, emergencyUntil);
            var decisions = records.Select(record => new PreviewDecision(record.Facts.Id, record.Facts.Custodian,
                Of((record.IsOwn ? own : channel).Decide(record.Facts, request)),
                Of((record.IsOwn ? ownThen : channelThen).Decide(record.Facts, request)))).ToList();
            var gained = decisions.Count(decision => !decision.Before.Permitted && decision.After.Permitted);
            var lost = decisions.Count(decision => decision.Before.Permitted && !decision.After.Permitted);
            var sentence = words.Find(gained + lost == 0 ? "preview.same" : "preview.changed",
                ("reader", reader.Say(words, names.Of)), ("purpose", words.Say("purpose", purpose, "purpose.other")),
                ("records", $"{decisions.Count}"), ("before", $"{decisions.Count(decision => decision.Before.Permitted)}"),
                ("after", $"{decisions.Count(decision => decision.After.Permitted)}"), ("gained", $"{gained}"), ("lost", $"{lost}"))!;
            return new PreviewReader(reader.Org, reader.Role, reader.Staff, purpose, sentence, gained, lost, decisions);
        }
    }

    // From when each would count: on the channel, and here, where this node is the custodian.
    private async Task<IReadOnlyList<Wait>> WaitsAsync(IReadOnlyList<GrantBody> grants, DateTimeOffset now, CancellationToken ct)
    {
        var settings = await replica.GetAsync(LedgerKey.Settings, LedgerJson.Default.ChannelSettings, ct) ?? new ChannelSettings();
        return [.. grants.Select(grant => new Wait(BroadPermits.EffectiveFrom(grant, now, settings),
            BroadPermits.EffectiveFrom(grant, now, settings, options.Value.BroadPermitWait, options.Value.BroadPermitLength)))];
    }

    private sealed record Wait(DateTimeOffset? Channel, DateTimeOffset? Own)
    {
        // The custodian's is never the shorter one.
        public DateTimeOffset? Latest => Own ?? Channel;
    }

    // Whoever the new statements name comes first: where there are too many, those already in force are left out.
    private static IEnumerable<(Reader Reader, string Purpose)> Asked(IReadOnlyList<GrantBody> grants, PatientPolicy policy, bool forbidsEmergencies)
    {
        var (fresh, standing) = (grants.SelectMany(grant => grant.Scope).ToList(), policy.Statements.SelectMany(statement => statement.Grant.Scope).ToList());
        // First, as it must not be what is left out: a statement that names another purpose or a role has no effect in an emergency.
        var emergencies = forbidsEmergencies ? (IEnumerable<string>)[DecisionKernel.EmergencyTreatment] : [];
        var purposes = emergencies.Concat(Reader.PurposesIn(fresh)).Append(AccessPolicies.Treatment).Distinct(StringComparer.Ordinal).ToList();
        var readers = Reader.NamedIn(fresh).Append(Reader.AnyHospital).Concat(Reader.NamedIn(standing)).Distinct();
        return readers.SelectMany(reader => purposes.Select(purpose => (reader, purpose)));
    }

    private static PreviewOutcome Of(Decision decision) => new(decision.Permitted, DecisionCodes.CodeOf(decision.Reason),
        decision.StatementId is NewStatement ? null : decision.StatementId);

    private static JsonElement BodyOf(GrantBody grant)
    {
        using var json = JsonDocument.Parse(StatementWriter.WriteGrant(grant));
        return json.RootElement.Clone();
    }

    private static PreviewRecord Described(RecordEntry entry, PatientCodes codes) => new(
        entry.Record.RecordId, entry.Custodian, entry.Record.Date, entry.Record.Confidentiality,
        [.. entry.Record.Categories.Select(codes.Of)], [.. entry.Record.Labels.Select(codes.Of)]);
}
