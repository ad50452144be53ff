using System.Text;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Consents;
using HealthShare.Node.Database;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Chaincode;
using HealthShare.UnitTests.Node.Support;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Node.Consents;

/// <summary>Which permits of others wait for whose confirmation, and until when they count without it.</summary>
public sealed class UnconfirmedPermitTests : IAsyncLifetime
{
    private static readonly LedgerJson Types = LedgerJson.Default;
    private static readonly DateTimeOffset Majority = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero), Waited = Start.AddHours(72);
    private static readonly GrantBody Endless = StoryGrant with { Period = new Period(Start) };
    private LedgerScene scene = null!;
    private TestDatabase database = null!;

    [Fact]
    public async Task A_young_adult_is_told_what_lapses_with_the_guardianship_and_when_until_it_is_confirmed()
    {
        using var parent = await GuardianAsync(joint: false);
        var (kept, left) = (await scene.GrantAsync(parent.Sign(Endless)), await scene.GrantAsync(parent.Sign(Endless)));
        var brief = await scene.GrantAsync(parent.Sign(StoryGrant with { Period = new Period(Start, Majority.AddDays(-1)) })); // over before the power
        await scene.GrantAsync(parent.Sign(Endless with { Effect = Effect.Deny })); // stays
        Assert.Equal(Pairs((kept.StatementId, Majority), (left.StatementId, Majority)), await AwaitedAsync(Waited));
        Assert.Empty(await AwaitedAsync(Waited, parent.Id)); // none confirms what is its own

        // The first passkey of one's own lets a single hospital's word for the guardian rest, and permits with it.
        await scene.SubmitAsync(North, LedgerTransactions.PinCredential, new PinCredential(scene.PatientId, scene.Credential()), Types.PinCredential);
        Assert.Equal(Pairs((kept.StatementId, null), (left.StatementId, null), (brief.StatementId, null)), await AwaitedAsync(Waited));
        await scene.SubmitAsync(South, LedgerTransactions.Confirm, scene.Sign(new ConfirmBody([kept.StatementId])), Types.SignedStatement);
        Assert.Equal(Pairs((left.StatementId, null)), await AwaitedAsync(Majority.AddDays(30)));
        await scene.SubmitAsync(South, LedgerTransactions.RevokeConsent, scene.Sign(new RevokeBody(left.StatementId)), Types.SignedStatement);
        Assert.Empty(await AwaitedAsync(Majority.AddDays(30)));
    }

    [Fact]
    public async Task A_joint_guardians_permit_waits_for_another_guardian_and_then_lapses_with_the_shorter_power()
    {
        using var mother = await GuardianAsync(joint: true);
        using var father = await GuardianAsync(joint: true, end: Majority.AddMonths(2));
        var permit = await scene.GrantAsync(mother.Sign(Endless));
        var waiting = Pairs((permit.StatementId, null));
        Assert.Equal(waiting, await AwaitedAsync(Waited, father.Id));
        Assert.Equal(waiting, await AwaitedAsync(Waited)); // the patient's own word would do, too
        Assert.Empty(await AwaitedAsync(Waited, mother.Id));
        await scene.SubmitAsync(South, LedgerTransactions.Confirm, father.Sign(new ConfirmBody([permit.StatementId])), Types.SignedStatement);
        Assert.Empty(await AwaitedAsync(Waited, father.Id));
        Assert.Equal(Pairs((permit.StatementId, Majority)), await AwaitedAsync(Waited));
    }

    public async Task InitializeAsync()
    {
        database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        scene = await WithMembersAsync();
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(scene.PatientId), Types.EnrollPatient);
    }

    public async Task DisposeAsync()
    {
        scene.Dispose();
        await database.DisposeAsync();
    }

    private static (string, DateTimeOffset?)[] Pairs(params (string Id, DateTimeOffset? LapsesAt)[] permits) =>
        [.. permits.OrderBy(permit => permit.Id, StringComparer.Ordinal)];

    /// <summary>A guardian by North's word, whose waiting time is over.</summary>
    private async Task<DelegateScene> GuardianAsync(bool joint, DateTimeOffset? end = null)
    {
        var person = new DelegateScene(scene);
        scene.Ledger.Now = Start;
        await scene.SubmitAsync(North, LedgerTransactions.AttestSigner, new AttestSigner(
            scene.PatientId, person.Id, VouchedKind.Guardian, [scene.Credential(person.Passkey)], end ?? Majority, joint), Types.AttestSigner);
        scene.Ledger.Now = Waited;
        return person;
    }

    private async Task<(string, DateTimeOffset?)[]> AwaitedAsync(DateTimeOffset now, string? guardianId = null)
    {
        await database.Instance.WriteAsync(async transaction =>
        {
            await transaction.Connection!.ExecuteAsync("DELETE FROM replica", transaction: transaction);
            await transaction.Connection!.ExecuteAsync(
                "INSERT INTO replica (key, value, block, transaction_id, seen_at, first_seen_at) VALUES (@key, @value, 1, 'tx', 0, 0)",
                scene.Ledger.State.Select(row => new { key = Encoding.UTF8.GetBytes(row.Key), value = row.Value }), transaction);
        }, default);
        var permits = await new ConsentReader(new Replica(database.Instance), new StoppedClock(now)).UnconfirmedAsync(scene.PatientId, guardianId, default);
        return [.. permits.Select(permit => (permit.Consent.Id, permit.LapsesAt))];
    }

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
