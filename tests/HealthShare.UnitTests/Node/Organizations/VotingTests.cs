using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Cli;
using HealthShare.Node.Organizations;
using HealthShare.Policy.Ids;
using HealthShare.UnitTests.Node.Access;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Organizations;

/// <summary>Proposals and votes over REST and by command, and what becomes of a suspended member's requests at whole nodes.</summary>
public sealed class VotingTests
{
    private const string Organizations = "/api/v1/organizations", Proposals = $"{Organizations}/proposals";

    [Fact]
    public async Task A_suspended_members_keys_and_permits_are_gone_with_the_block_and_come_back_with_the_vote_that_ends_it()
    {
        await using var scene = await AccessScene.StartAsync();
        await scene.GrantAsync();
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        await scene.ReadAsync(AccessScene.South, id, scene.Glucose);
        using var north = scene.Client(AccessScene.North, Role.ItAdministrator);
        using var south = scene.Client(AccessScene.South, Role.ItAdministrator);
        var proposal = await north.PostAsync(Proposals, new JsonObject { ["suspend"] = AccessScene.South }, HttpStatusCode.Created);
        Assert.False(proposal.TryGetProperty("appliedAt", out _)); // one of two is no majority
        var applied = await south.PostAsync($"{Proposals}/{proposal.GetProperty("proposalId").GetString()}/votes", new JsonObject(), HttpStatusCode.OK);
        Assert.True(applied.TryGetProperty("appliedAt", out _));
        await scene.CaughtUpAsync();

        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM received_key"));
        using var physician = scene.Client(AccessScene.South, Role.Physician);
        await AccessScene.ProblemAsync(physician, $"{AccessScene.Requests}/{id}/records/{scene.Glucose}");
        Assert.Equal("caller.suspended", await physician.RefusedAsync(AccessScene.Requests, scene.Records(scene.Glucose), HttpStatusCode.UnprocessableEntity));
        using var officer = scene.Client(AccessScene.North, Role.PrivacyOfficer);
        var members = await officer.GetOkAsync(Organizations);
        Assert.True(members.GetProperty("organizations").EnumerateArray().Single(member => member.GetProperty("mspId").GetString() == AccessScene.South)
            .TryGetProperty("suspendedAt", out _));
        Assert.Equal(2, Assert.Single((await officer.GetOkAsync(Proposals)).GetProperty("proposals").EnumerateArray()).GetProperty("votes").GetArrayLength());
        Assert.Equal("auth.forbidden", await officer.RefusedAsync(Proposals, new JsonObject { ["reinstate"] = AccessScene.South }, HttpStatusCode.Forbidden));

        await north.PostAsync(Proposals, new JsonObject { ["reinstate"] = AccessScene.South }, HttpStatusCode.Created); // the only active one
        await scene.CaughtUpAsync();
        var (again, records) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        Assert.Single(records);
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, again, scene.Glucose));
    }

    [Fact]
    public async Task Bad_proposals_and_votes_are_refused_with_their_code()
    {
        var channel = new MemoryChannel();
        await using var node = await NodeHost.StartOnAsync(channel);
        await channel.InitAsync(("NorthMSP", node));
        using var admin = node.Client(Role.ItAdministrator);
        Assert.Equal("proposal.malformed", await admin.RefusedAsync(Proposals, new JsonObject(), HttpStatusCode.UnprocessableEntity));
        Assert.Equal("request.invalid", await admin.RefusedAsync(Proposals, new JsonObject { ["expel"] = "NorthMSP" }, HttpStatusCode.BadRequest));
        Assert.Equal("organization.last_hospital", await admin.RefusedAsync(Proposals, new JsonObject { ["suspend"] = "NorthMSP" }, HttpStatusCode.UnprocessableEntity));
        foreach (var id in new[] { "x", LedgerId.New(IdKind.Proposal) })
            Assert.Equal("access.not_available", await admin.RefusedAsync($"{Proposals}/{id}/votes", new JsonObject(), HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task A_proposal_repeated_under_its_key_is_the_same_one_and_the_key_stands_for_no_other()
    {
        var channel = new MemoryChannel();
        await using var north = await NodeHost.StartOnAsync(channel);
        await using var south = await NodeHost.StartOnAsync(channel, "SouthMSP");
        await channel.InitAsync(("NorthMSP", north), ("SouthMSP", south));
        using var admin = north.Client(Role.ItAdministrator);
        admin.DefaultRequestHeaders.Add("Idempotency-Key", "suspend-south");
        var first = await admin.PostAsync(Proposals, new JsonObject { ["suspend"] = "SouthMSP" }, HttpStatusCode.Created);
        var again = await admin.PostAsync(Proposals, new JsonObject { ["suspend"] = "SouthMSP" }, HttpStatusCode.Created);
        Assert.Equal(first.GetProperty("proposalId").GetString(), again.GetProperty("proposalId").GetString());
        Assert.Single((await admin.GetOkAsync(Proposals)).GetProperty("proposals").EnumerateArray());
        Assert.Equal("request.idempotency_key_reused", await admin.RefusedAsync(Proposals, new JsonObject { ["suspend"] = "NorthMSP" }, HttpStatusCode.UnprocessableEntity));
        admin.DefaultRequestHeaders.Remove("Idempotency-Key");
        admin.DefaultRequestHeaders.Add("Idempotency-Key", new string('k', 201));
        Assert.Equal("request.invalid", await admin.RefusedAsync(Proposals, new JsonObject { ["suspend"] = "SouthMSP" }, HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task The_commands_propose_approve_and_list()
    {
        var channel = new MemoryChannel();
        await using var north = await NodeHost.StartOnAsync(channel);
        await using var south = await NodeHost.StartOnAsync(channel, "SouthMSP");
        await channel.InitAsync(("NorthMSP", north), ("SouthMSP", south));
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(0, await Of(north, json: true).ProposeAsync(new GovernanceChange(Settings: new ChannelSettings(900)), default));
        var proposal = JsonSerializer.Deserialize(output.ToString(), LedgerJson.Default.ProposalEntry)!;
        Assert.Equal(0, await Of(south).ApproveAsync(proposal.ProposalId, default));
        Assert.Contains("holds since", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await Of(north).ListAsync(default));
        Assert.Contains("Votes: NorthMSP, SouthMSP.", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, await Of(north).ApproveAsync(LedgerId.New(IdKind.Proposal), default));
        Assert.StartsWith("proposal.not_found: ", error.ToString(), StringComparison.Ordinal);

        Voting Of(NodeHost node, bool json = false) => new(node.App.Services, output, error, json);
    }

    [Theory]
    [InlineData("organizations", "propose")]
    [InlineData("organizations", "propose", "--suspend", "A", "--reinstate", "B")]
    [InlineData("organizations", "propose", "--suspend", "not an msp")]
    [InlineData("organizations", "approve")]
    [InlineData("organizations", "approve", "st-x")]
    public async Task Wrong_usage_exits_with_2(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(2, await NodeCommandLine.RunAsync(arguments, output, error));
    }
}
