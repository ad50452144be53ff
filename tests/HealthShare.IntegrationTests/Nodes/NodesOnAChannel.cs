using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.IntegrationTests.Support;
using HealthShare.Node.Auth;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.IntegrationTests.Nodes;

/// <summary>Tests of this collection share one channel and its nodes, and run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class NodesCollection : ICollectionFixture<NodesOnAChannel>
{
    public const string Name = "Nodes on a channel";
}

/// <summary>
/// The nodes of three hospitals over the channel under test, with real connections, keys and signatures. They begin with
/// nothing, also on a channel that other nodes of the same members used before.
/// </summary>
public sealed class NodesOnAChannel : IAsyncLifetime
{
    private const string Nowhere = "127.0.0.1:1";

    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("healthshare-nodes-");

    public ChannelUnderTest Channel { get; } = new();

    internal NodeUnderTest North { get; private set; } = null!;

    internal NodeUnderTest South { get; private set; } = null!;

    internal NodeUnderTest East { get; private set; } = null!;

    /// <summary>A member for a further node: the regulator, or where there is none, East once more.</summary>
    public string Observer => Channel.Profile.Organizations[^1].MspId;

    public async Task InitializeAsync()
    {
        await Channel.InitializeAsync();
        South = await StartAsync(Channel.Hospital(1));
        East = await StartAsync(Channel.Hospital(2));
        North = await NodeUnderTest.StartAsync(Channel.Hospital(0), FolderOf(Channel.Hospital(0)), Channel.ConnectionPath, signsReceipts: East);
        NodeUnderTest[] hospitals = [North, South, East];
        await FoundAsync(hospitals);
        foreach (var node in hospitals)
            await node.WaitUntilReadyAsync();
    }

    /// <summary>Starts a member's node on its folder, anew or again.</summary>
    internal Task<NodeUnderTest> StartAsync(string mspId, string? connectionFile = null) =>
        NodeUnderTest.StartAsync(mspId, FolderOf(mspId), connectionFile ?? Channel.ConnectionPath);

    /// <summary>Enrols a patient at North with a passkey.</summary>
    /// <returns>The patient's id.</returns>
    internal async Task<string> EnrollAsync(SoftwareAuthenticator passkey)
    {
        using var registrar = North.Client(Role.Registrar);
        var patient = await registrar.PostAsync("/api/v1/patients", new JsonObject { ["number"] = $"MRN-{Guid.NewGuid():n}" }, HttpStatusCode.Created);
        var id = patient.GetProperty("patientId").GetString()!;
        await registrar.PostAsync($"/api/v1/patients/{id}/first-credential", passkey.Credential(), HttpStatusCode.Created);
        return id;
    }

    /// <summary>Stops South's node and starts it again on what it kept.</summary>
    internal async Task RestartSouthAsync()
    {
        await South.DisposeAsync();
        South = await StartAsync(Channel.Hospital(1));
        await South.WaitUntilReadyAsync();
    }

    /// <summary>A connection file like the channel's own, in which some members' peers do not answer.</summary>
    internal string ConnectionFileWithout(params string[] members) => WriteConnectionFile(
        $"without-{string.Join('-', members)}.json", members, peers => peers.Select(peer => peer with { Endpoint = Nowhere }));

    /// <summary>A connection file like the channel's own, in which a member has one more peer, its first, that does not answer.</summary>
    internal string ConnectionFileWithDeadPeer(string member, string name) => WriteConnectionFile(
        $"dead-{member}.json", [member], peers => peers.Prepend(peers[0] with { Name = name, Endpoint = Nowhere }));

    /// <summary>A connection file like the channel's own, in which a member's first user has its certificate and key in these files.</summary>
    internal string ConnectionFileWithIdentity(string member, string certificateFile, string keyFile)
    {
        var file = PathOf($"identity-{member}.json");
        ConnectionFile.Write(file, Channel.Profile with
        {
            Organizations =
            [
                .. Channel.Profile.Organizations.Select(organization => organization.MspId != member
                    ? organization
                    : organization with { Users = [organization.User("User1") with { Cert = certificateFile, Key = keyFile }] }),
            ],
        });
        return file;
    }

    /// <summary>A file that goes with the nodes.</summary>
    internal string PathOf(string name) => Path.Combine(state.FullName, name);

    public async Task DisposeAsync()
    {
        foreach (var node in (NodeUnderTest?[])[North, South, East])
        {
            if (node is not null)
                await node.DisposeAsync();
        }
        await Channel.DisposeAsync();
        state.Delete(recursive: true);
    }

    private string FolderOf(string mspId) => Path.Combine(state.FullName, mspId);

    private string WriteConnectionFile(
        string name, string[] members, Func<ImmutableArray<PeerConnection>, IEnumerable<PeerConnection>> change)
    {
        var file = Path.Combine(state.FullName, name);
        ConnectionFile.Write(file, Channel.Profile with
        {
            Organizations =
            [
                .. Channel.Profile.Organizations.Select(organization => !members.Contains(organization.MspId)
                    ? organization
                    : organization with { Peers = [.. change(organization.Peers)] }),
            ],
        });
        return file;
    }

    private static async Task FoundAsync(NodeUnderTest[] hospitals)
    {
        var listed = await hospitals[0].App.Services.GetRequiredService<ILedger>()
            .EvaluateAsync(new LedgerCall(LedgerTransactions.ListOrganizations), CancellationToken.None);
        var known = ChannelUnderTest.Read(listed, LedgerJson.Default.Network);
        if (known.Settings is null)
        {
            var founders = hospitals.Select(node => new OrganizationEntry(
                LedgerOf(node).MspId, LedgerOf(node).MspId, OrganizationKind.Hospital, SealingKeyOf(node)));
            await LedgerOf(hospitals[0]).SubmitAsync(LedgerTransactions.InitNetwork, new InitNetwork([.. founders]),
                LedgerJson.Default.InitNetwork, LedgerJson.Default.Network, CancellationToken.None);
            return;
        }
        foreach (var node in hospitals)
        {
            await LedgerOf(node).SubmitAsync(LedgerTransactions.UpdateSealingKey, SealingKeyOf(node),
                LedgerJson.Default.SealingKey, LedgerJson.Default.OrganizationEntry, CancellationToken.None);
        }
    }

    private static LedgerService LedgerOf(NodeUnderTest node) => node.App.Services.GetRequiredService<LedgerService>();

    private static SealingKey SealingKeyOf(NodeUnderTest node)
    {
        var key = node.App.Services.GetRequiredService<NodeKeys>().SealingKey;
        return new SealingKey(key.KeyId, key.ToString());
    }
}
