using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

public sealed class CountedGrantTests
{
    private static readonly LedgerJson Types = LedgerJson.Default;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task As_many_requests_are_permitted_as_the_patient_allowed(int uses)
    {
        using var scene = await WithRecordsAsync();
        var grant = await scene.GrantAsync(Counted(uses));
        for (var i = 0; i < uses; i++)
            Assert.Equal("permit.signed", Assert.Single((await scene.AskAsync(scene.Request(1))).Decisions).Reason);
        Assert.Equal("deny.default", Assert.Single((await scene.AskAsync(scene.Request(1))).Decisions).Reason);
        Assert.Equal(uses, UsesOf(scene, grant.StatementId).Count());
    }

    [Fact]
    public async Task One_request_takes_one_use_however_many_records_it_permits_and_none_where_it_permits_nothing()
    {
        using var scene = await WithRecordsAsync();
        var grant = await scene.GrantAsync(Counted(2) with
        {
            Scope = [new Provision { Who = [new WhoOrg(South)] }, new Provision { Who = [new WhoOrg(South)], Category = [Image] }],
        });
        await scene.AskAsync(scene.Request(2)); // the HIV result: not reached
        Assert.Empty(UsesOf(scene, grant.StatementId));
        Assert.Equal([true, false, true], (await scene.AskAsync(scene.Request(1, 2, 3))).Decisions.Select(decision => decision.Permitted));
        Assert.Single(UsesOf(scene, grant.StatementId));
    }

    [Fact]
    public async Task A_repeated_request_takes_no_second_use()
    {
        using var scene = await WithRecordsAsync();
        var grant = await scene.GrantAsync(Counted(2));
        var request = scene.Request(1);
        var first = await scene.AskAsync(request);
        Assert.Equal(first.Decisions, (await scene.AskAsync(request)).Decisions);
        Assert.Single(UsesOf(scene, grant.StatementId));
    }

    [Fact]
    public async Task A_permit_that_is_not_counted_decides_first()
    {
        using var scene = await WithRecordsAsync();
        var counted = await scene.GrantAsync(Counted(1));
        var open = await scene.GrantAsync(StoryGrant);
        Assert.Equal(open.StatementId, (await scene.AskAsync(scene.Request(1))).Decisions[0].StatementId);
        Assert.Empty(UsesOf(scene, counted.StatementId));
    }

    [Fact]
    public async Task Where_one_is_used_up_the_next_one_decides()
    {
        using var scene = await WithRecordsAsync();
        var longer = await scene.GrantAsync(Counted(1) with { Period = new Period(Start, Start.AddDays(20)) });
        var shorter = await scene.GrantAsync(Counted(1));
        Assert.Equal(longer.StatementId, (await scene.AskAsync(scene.Request(1))).Decisions[0].StatementId);
        Assert.Equal(shorter.StatementId, (await scene.AskAsync(scene.Request(1))).Decisions[0].StatementId);
        Assert.False((await scene.AskAsync(scene.Request(1))).Decisions[0].Permitted);
    }

    [Fact]
    public async Task Two_requests_for_the_last_use_cannot_both_commit()
    {
        using var scene = await WithRecordsAsync();
        await scene.GrantAsync(Counted(1));
        var second = scene.Request(1);
        var (_, one) = await scene.RunAsync(South, LedgerTransactions.RequestAccess, scene.Request(1), Types.RequestAccess);
        var (_, two) = await scene.RunAsync(South, LedgerTransactions.RequestAccess, second, Types.RequestAccess);
        Assert.Equal(TxValidationCode.Valid, one.Commit());
        Assert.Equal(TxValidationCode.MvccReadConflict, two.Commit());
        Assert.False((await scene.AskAsync(second)).Decisions[0].Permitted);
    }

    [Fact]
    public async Task Requests_at_once_get_exactly_the_uses_and_most_of_them_do_not_collide()
    {
        using var scene = await WithRecordsAsync();
        var grant = await scene.GrantAsync(Counted(50));
        var waiting = Enumerable.Range(0, 60).Select(_ => scene.Request(1)).ToList();
        var (permitted, denied, collisions) = (0, 0, 0);
        while (waiting.Count > 0)
        {
            // All are endorsed on one state, then committed one after the other: those that collided are tried again.
            var endorsed = new List<(RequestAccess Request, HealthShare.Chaincode.Shim.Testing.TestStub Stub, AccessEntry Entry)>();
            foreach (var request in waiting)
            {
                var (response, stub) = await scene.RunAsync(South, LedgerTransactions.RequestAccess, request, Types.RequestAccess);
                endorsed.Add((request, stub, Read(response.Payload.ToArray(), Types.AccessEntry)));
            }
            waiting.Clear();
            foreach (var (request, stub, entry) in endorsed)
            {
                if (stub.Commit() is not TxValidationCode.Valid)
                    waiting.Add(request);
                else if (entry.Decisions[0].Permitted)
                    permitted++;
                else
                    denied++;
            }
            collisions += waiting.Count;
        }
        Assert.Equal((50, 10), (permitted, denied));
        Assert.Equal(50, UsesOf(scene, grant.StatementId).Select(use => use.AccessId).Distinct().Count());
        Assert.InRange(collisions, 0, 60 * 5);
        var first = await scene.RunAsync(South, LedgerTransactions.RequestAccess, scene.Request(1), Types.RequestAccess);
        Assert.False(Read(first.Response.Payload.ToArray(), Types.AccessEntry).Decisions[0].Permitted);
    }

    [Fact]
    public async Task A_release_rests_on_the_use_that_its_access_took_and_on_no_other()
    {
        using var scene = await WithRecordsAsync();
        var open = await scene.GrantAsync(StoryGrant);
        var uncounted = await scene.AskAsync(scene.Request(1));
        var counted = await scene.GrantAsync(Counted(1));
        await scene.SubmitAsync(South, LedgerTransactions.RevokeConsent, scene.Sign(new RevokeBody(open.StatementId)), Types.SignedStatement);
        // The counted permit has a use left, which the first access did not take.
        await scene.RefusedAsync("access.no_longer_permitted", North, LedgerTransactions.ReleaseKeys, Release(uncounted), Types.ReleaseKeys);
        var access = await scene.AskAsync(scene.Request(1));
        Assert.Equal(counted.StatementId, access.Decisions[0].StatementId);
        await scene.SubmitAsync(North, LedgerTransactions.ReleaseKeys, Release(access), Types.ReleaseKeys);
    }

    [Fact]
    public async Task A_policy_that_no_access_was_given_to_counts_no_counted_permit()
    {
        using var scene = await WithRecordsAsync();
        await scene.GrantAsync(Counted(5));
        var south = Founders.Organizations.Single(member => member.MspId == South);
        var policy = await PatientPolicy.LoadAsync(new LedgerTests.Replica(scene.Ledger.State), scene.PatientId, default);
        var decision = policy.Decide(PatientPolicy.FactsOf(new RecordEntry(North, Start, scene.Record(1))),
            PatientPolicy.FactsOf(scene.Request(1), south, Start));
        Assert.False(decision.Permitted);
        Assert.Equal(HealthShare.Policy.Decisions.Dimensions.Uses, decision.NearMisses);
    }

    private static GrantBody Counted(int uses) => StoryGrant with { Uses = uses, Period = new Period(Start, Start.AddDays(10)) };

    private static ReleaseKeys Release(AccessEntry access) => new(access.Ref, LedgerId.New(IdKind.Release), [RecordId(1)], KeyIdOf(South),
        System.Buffers.Text.Base64Url.EncodeToString(new byte[32]));

    private static IEnumerable<UseEntry> UsesOf(LedgerScene scene, string statementId) => scene.Ledger.State
        .Where(entry => entry.Key.StartsWith(LedgerKey.Prefix(LedgerKind.Use, scene.PatientId, statementId), StringComparison.Ordinal))
        .Select(entry => Read(entry.Value, Types.UseEntry));
}
