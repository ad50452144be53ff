using System.Buffers.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Node.Audit;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

/// <summary>Purposes and members that do not exist: no contract takes a grant that names one, and the replay finds one that was taken.</summary>
public sealed class NamedInGrantTests
{
    private static readonly LedgerJson Types = LedgerJson.Default;

    public static TheoryData<string, string, Effect> Slips => new()
    {
        { "statement.purpose_unknown", "scope[1].purpose[1]", Effect.Permit },
        { "statement.purpose_unknown", "scope[1].purpose[1]", Effect.Deny },
        { "statement.purpose_unknown", "scope[0].except[0].purpose[0]", Effect.Permit },
        { "statement.member_unknown", "scope[0].who[1].org", Effect.Permit },
        { "statement.member_unknown", "scope[0].who[1].org", Effect.Deny },
        { "statement.member_unknown", "scope[0].custodians[0]", Effect.Deny },
        { "statement.member_unknown", "scope[0].except[0].except[0].who[0].org", Effect.Permit },
    };

    [Theory]
    [MemberData(nameof(Slips))]
    public async Task A_slip_of_the_pen_is_refused_with_its_place(string code, string place, Effect effect)
    {
        using var scene = await WithRecordsAsync();
        var grant = Slip(place, effect);
        var (response, stub) = await scene.RunAsync(South, LedgerTransactions.GrantConsent, scene.Sign(grant), Types.SignedStatement);
        Assert.StartsWith($"{code}: statement.body.{place} is no ", response.Message, StringComparison.Ordinal);
        Assert.Empty(stub.Writes);
        var attestation = new AttestConsent(scene.PatientId, LedgerId.New(IdKind.Statement), AttestationForm.Paper, Base64Url.EncodeToString(StatementWriter.WriteGrant(grant)));
        (response, stub) = await scene.RunAsync(North, LedgerTransactions.AttestConsent, attestation, Types.AttestConsent);
        Assert.StartsWith($"{code}: body.{place} is no ", response.Message, StringComparison.Ordinal);
        Assert.Empty(stub.Writes);
    }

    [Theory]
    [MemberData(nameof(Slips))]
    public async Task Endorsers_who_take_it_all_the_same_are_named_by_the_replay(string code, string place, Effect effect)
    {
        using var scene = await ReplayScene.CreateAsync();
        var grant = Slip(place, effect);
        var signed = scene.Ledger.Sign(grant);
        var entry = new StatementEntry(SignedStatementReader.Read(signed).Id, signed, South, scene.Now);
        var fault = await scene.ForgeAsync(South, ReplayScene.Put(LedgerKey.Statement(scene.Ledger.PatientId, entry.StatementId), entry, Types.StatementEntry));
        Assert.Contains(code, fault!.Text, StringComparison.Ordinal);
        var attestation = new AttestationEntry(new AttestConsent(scene.Ledger.PatientId, LedgerId.New(IdKind.Statement), AttestationForm.Word,
            Base64Url.EncodeToString(StatementWriter.WriteGrant(grant))), North, scene.Now);
        Assert.NotNull(await scene.ForgeAsync(North, ReplayScene.Put(
            LedgerKey.Attestation(scene.Ledger.PatientId, North, attestation.Attestation.AttestationId), attestation, Types.AttestationEntry)));
    }

    [Fact]
    public async Task A_request_for_a_purpose_that_does_not_exist_is_refused_and_a_forged_one_named()
    {
        using var scene = await ReplayScene.CreateAsync();
        await scene.Ledger.RefusedAsync("arguments.invalid", South, LedgerTransactions.RequestAccess,
            scene.Ledger.Request(1) with { Purpose = "ZZZ" }, Types.RequestAccess);
        var request = scene.Ledger.Request(1) with { Purpose = "ZZZ" };
        var access = new AccessEntry(request, South, scene.Now, [new AccessDecision(request.Records[0], false, "deny.default")]);
        Assert.NotNull(await scene.ForgeAsync(South, ReplayScene.Put(LedgerKey.Access(access.Ref), access, Types.AccessEntry)));
        Assert.Null(await scene.ForgeAsync(South, ReplayScene.Put(LedgerKey.Access(access.Ref),
            access with { Request = request with { Purpose = "HRESCH" } }, Types.AccessEntry)));
    }

    [Fact]
    public async Task Members_that_are_suspended_and_roles_that_hospitals_have_of_their_own_may_be_named()
    {
        using var scene = await WithRecordsAsync();
        foreach (var who in (Who[])[new WhoOrg(Regulator), new WhoOrg(South, "doulaOfTheWard"), new WhoOrg(East, Staff: "s-77"), WhoAnyHospital.Instance])
            await scene.GrantAsync(StoryGrant with { Scope = [new Provision { Who = [who], Purpose = ["BTG"], Custodians = [North] }] });
    }

    private static GrantBody Slip(string place, Effect effect)
    {
        var fine = new Provision { Who = [new WhoOrg(South)], Purpose = ["TREAT"] };
        Provision[] scope = place switch
        {
            "scope[1].purpose[1]" => [fine, fine with { Purpose = ["TREAT", "NOPE"] }],
            "scope[0].except[0].purpose[0]" => [fine with { Except = [new Provision { Purpose = ["NOPE"] }] }],
            "scope[0].who[1].org" => [fine with { Who = [new WhoOrg(South), new WhoOrg("NoSuchMSP", "physician")] }],
            "scope[0].custodians[0]" => [fine with { Custodians = ["NoSuchMSP"] }],
            _ => [fine with { Except = [new Provision { Purpose = ["TREAT"], Except = [new Provision { Who = [new WhoOrg("NoSuchMSP")] }] }] }],
        };
        return new GrantBody(effect, [.. scope], new Period(Start, Start.AddDays(3)));
    }
}
