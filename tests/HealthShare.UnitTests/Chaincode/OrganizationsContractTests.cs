using HealthShare.Chaincode.Ledger;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

public sealed class OrganizationsContractTests
{
    private const string Init = LedgerTransactions.InitNetwork;

    private static LedgerJson Types => LedgerJson.Default;

    [Fact]
    public async Task Init_lists_the_founders_and_the_settings()
    {
        using var scene = await WithMembersAsync();
        var network = await scene.QueryAsync(Stranger, LedgerTransactions.ListOrganizations, null, LedgerJson.Default.Network);
        Assert.Equal([East, North, Regulator, South], network.Organizations.Select(member => member.MspId));
        Assert.Equal(new ChannelSettings(), network.Settings);
        var north = await scene.QueryAsync(South, LedgerTransactions.GetOrganization, North, LedgerJson.Default.OrganizationEntry);
        Assert.Equal((OrganizationKind.Hospital, KeyIdOf(North)), (north.Kind, north.SealingKey.KeyId));
        var raised = Read(Assert.Single(scene.Ledger.Events).Payload.ToArray(), LedgerJson.Default.LedgerEvent);
        Assert.Equal(5, raised.Changes.Count);
    }

    [Fact]
    public async Task Init_again_with_the_same_content_has_no_effect_and_with_other_content_is_refused()
    {
        using var scene = await WithMembersAsync();
        var (response, stub) = await scene.RunAsync(South, Init, Founders, LedgerJson.Default.InitNetwork);
        Assert.True(response.IsSuccess, response.Message);
        Assert.Empty(stub.Writes);
        await scene.RefusedAsync("organizations.already_initialized", North, Init,
            Founders with { Settings = new ChannelSettings(120) }, LedgerJson.Default.InitNetwork);
    }

    [Fact]
    public async Task A_member_replaces_its_own_sealing_key_and_nothing_else()
    {
        using var scene = await WithMembersAsync();
        var before = await scene.QueryAsync(North, LedgerTransactions.GetOrganization, South, Types.OrganizationEntry);
        var key = Founders.Organizations[0].SealingKey with { KeyId = "SouthMSP.2" };
        await scene.SubmitAsync(South, LedgerTransactions.UpdateSealingKey, key, Types.SealingKey);
        Assert.Equal(before with { SealingKey = key },
            await scene.QueryAsync(North, LedgerTransactions.GetOrganization, South, Types.OrganizationEntry));

        var (again, stub) = await scene.RunAsync(South, LedgerTransactions.UpdateSealingKey, key, Types.SealingKey);
        Assert.True(again.IsSuccess, again.Message);
        Assert.Empty(stub.Writes);
        await scene.RefusedAsync("sealing_key.id_taken", South, LedgerTransactions.UpdateSealingKey,
            key with { PublicKey = before.SealingKey.PublicKey }, Types.SealingKey);
        await scene.RefusedAsync("arguments.invalid", South, LedgerTransactions.UpdateSealingKey, key with { KeyId = "" }, Types.SealingKey);
        await scene.RefusedAsync("arguments.invalid", South, LedgerTransactions.UpdateSealingKey,
            new SealingKey("SouthMSP.3", "B" + new string('A', 86)), Types.SealingKey);
        await scene.RefusedAsync("caller.not_member", Stranger, LedgerTransactions.UpdateSealingKey, key, Types.SealingKey);
    }

    [Fact]
    public async Task Before_init_there_is_nobody()
    {
        using var scene = new LedgerScene();
        var network = await scene.QueryAsync(North, LedgerTransactions.ListOrganizations, null, LedgerJson.Default.Network);
        Assert.Empty(network.Organizations);
        Assert.Null(network.Settings);
        await scene.RefusedAsync("caller.not_member", North, LedgerTransactions.EnrollPatient,
            new EnrollPatient(scene.PatientId), LedgerJson.Default.EnrollPatient);
    }

    [Fact]
    public async Task Only_a_founder_may_init()
    {
        using var scene = new LedgerScene();
        await scene.RefusedAsync("caller.not_founder", Stranger, Init, Founders, LedgerJson.Default.InitNetwork);
    }

    [Fact]
    public async Task Founders_that_are_not_well_formed_are_refused()
    {
        using var scene = new LedgerScene();
        var north = Founders.Organizations[0];
        foreach (var bad in (InitNetwork[])
        [
            new([]), new([north, north]), new([north with { Kind = OrganizationKind.Regulator }]), new([north with { Name = "" }]),
            new([north with { Name = "a\nb" }]), new([north, north with { MspId = "no spaces" }]),
            new([north with { SealingKey = north.SealingKey with { KeyId = "" } }]),
            new([north with { SealingKey = north.SealingKey with { PublicKey = "AAAA" } }]),
            new([north with { SealingKey = north.SealingKey with { PublicKey = "B" + new string('A', 86) } }]), // not on the curve
            new([north], new ChannelSettings(59)), new([north], new ChannelSettings(600, 1001)),
        ])
            await scene.RefusedAsync("arguments.invalid", North, Init, bad, LedgerJson.Default.InitNetwork);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"organizations":null}""")]
    [InlineData("""{"organizations":[],"organizations":[]}""")]
    [InlineData("""{"organizations":[],"note":"x"}""")]
    [InlineData("""{"organizations":[{"mspId":"NorthMSP","name":"N","kind":0,"sealingKey":{"keyId":"k","publicKey":"x"}}]}""")]
    [InlineData("[")]
    public async Task Arguments_that_are_not_exactly_their_JSON_are_refused(string json)
    {
        using var scene = new LedgerScene();
        await scene.RefusedAsync("arguments.invalid", North, Init, json);
    }

    [Fact]
    public async Task A_member_that_is_not_there_is_not_found()
    {
        using var scene = await WithMembersAsync();
        await scene.RefusedAsync("organization.not_found", North, LedgerTransactions.GetOrganization, Stranger);
        await scene.RefusedAsync("arguments.invalid", North, LedgerTransactions.GetOrganization, "");
    }

    [Theory]
    [InlineData(299, true)]
    [InlineData(-299, true)]
    [InlineData(301, false)]
    [InlineData(-301, false)]
    public async Task A_proposal_more_than_five_minutes_from_the_endorsers_clock_is_refused(int seconds, bool accepted)
    {
        using var scene = new LedgerScene { ClockAhead = TimeSpan.FromSeconds(seconds) };
        if (accepted)
            await scene.SubmitAsync(North, Init, Founders, LedgerJson.Default.InitNetwork);
        else
            await scene.RefusedAsync("proposal.time", North, Init, Founders, LedgerJson.Default.InitNetwork);
    }
}
