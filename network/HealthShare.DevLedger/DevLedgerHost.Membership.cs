using HealthShare.DevLedger.Hosting;
using HealthShare.DevLedger.Network;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;
using Microsoft.Extensions.Logging;

namespace HealthShare.DevLedger;

public sealed partial class DevLedgerHost
{
    /// <summary>
    /// Makes an organization a member of the running channel: a configuration update signed by the administrators of all
    /// members, a gateway of its own, and an entry in the connection file. It stays one at later starts, also where the options
    /// do not name it.
    /// </summary>
    /// <param name="organization">The new member.</param>
    /// <param name="policies">
    /// Endorsement policies to define anew, by chaincode; null stands for more than half of those that endorse, the new member
    /// among them. Chaincodes that are not named keep theirs.
    /// </param>
    /// <param name="ct">Gives up before the update is ordered; from then on it is carried through.</param>
    /// <exception cref="ArgumentException">There is such a member, or something else is wrong; nothing was changed.</exception>
    /// <exception cref="IOException">
    /// Its address cannot be listened on or the disk did not take the update; nothing was changed. Or it is a member already, and
    /// the disk did not take the new policies or the connection file: the message of the failure says which.
    /// </exception>
    public async Task AddOrganizationAsync(
        OrganizationOptions organization, IReadOnlyDictionary<string, string?>? policies = null, CancellationToken ct = default)
    {
        await changing.WaitAsync(ct);
        try
        {
            var chaincodes = Redefined(organization, policies ?? new Dictionary<string, string?>());
            var material = PeerMaterial(organization);
            new AddedOrganizations(options.StateDirectory).Add(organization);
            var member = await ListenAsync(organization, material, ct);
            try
            {
                await orderer.RunBetweenBlocksAsync(() => Join(member), ct);
            }
            catch
            {
                await member.DisposeAsync();
                throw;
            }
            new GatewayPorts(options.StateDirectory).Write(members);
            ConnectionFiles.Write(ConnectionFile, options.Channel, members);
            LogJoined(organization.MspId, ledger.LastConfig);
            if (chaincodes.Count > 0)
                await orderer.RunBetweenBlocksAsync(() => ChannelStart.Define(
                    ledger, committer, options.Channel, chaincodes, members, Parts(config, members).Peers, time.GetUtcNow()), CancellationToken.None);
        }
        finally
        {
            changing.Release();
        }
    }

    // Runs where blocks are made, so that no transaction is judged by the one configuration and committed under the other.
    private void Join(Member member)
    {
        IReadOnlyList<SigningIdentity> administrators = [.. members.Select(known => known.Material.User(OrganizationMaterial.Administrator))];
        try
        {
            var update = ConfigUpdateTransaction.AddOrganization(
                config, member.Material, administrators, blockSigner!, time.GetUtcNow());
            var next = ChannelConfig.FromConfig(options.Channel, ConfigUpdateTransaction.ConfigOf(update));
            Member[] all = [.. members, member];
            var parts = Parts(next, all);
            committer.CommitConfiguration(update, parts.Validator);
            (config, members) = (next, all);
            parts.Serve(orderer, options.Batch, time);
        }
        finally
        {
            foreach (var administrator in administrators)
                administrator.Dispose();
        }
    }

    private List<ChaincodeOptions> Redefined(OrganizationOptions organization, IReadOnlyDictionary<string, string?> policies)
    {
        var known = members.Select(member => member.Options).ToList();
        if (known.Any(member => member.MspId == organization.MspId || member.Domain == organization.Domain)
            || organization.MspId == options.OrdererMspId || organization.Domain == options.OrdererDomain)
            throw new ArgumentException($"'{organization.MspId}' or its domain '{organization.Domain}' is of the channel already.");
        if (policies.Keys.FirstOrDefault(name => options.Chaincodes.All(chaincode => chaincode.Name != name)) is { } unknown)
            throw new ArgumentException($"There is no chaincode '{unknown}' to define a policy for.");
        List<OrganizationOptions> all = [.. known, organization];
        List<string> endorsing = [.. all.Where(member => member.Endorses).Select(member => member.MspId)];
        var redefined = options.Chaincodes.Where(chaincode => policies.ContainsKey(chaincode.Name)).Select(chaincode => chaincode with
        {
            EndorsementPolicy = policies[chaincode.Name] ?? EndorsementPolicies.Majority(endorsing),
        }).ToList();
        var problems = organization.Problems().Concat(redefined.SelectMany(chaincode => chaincode.Problems(all))).ToList();
        return problems.Count == 0 ? redefined : throw new ArgumentException(string.Join(" ", problems));
    }

    [LoggerMessage(3007, LogLevel.Information, "{MspId} is a member of the channel since block {Block}.")]
    private partial void LogJoined(string mspId, ulong block);
}
