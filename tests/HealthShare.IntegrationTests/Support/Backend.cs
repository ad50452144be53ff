using System.Net.Sockets;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Connection;

namespace HealthShare.IntegrationTests.Support;

/// <summary>What the suite runs on: development ledgers of its own, or the Fabric network that the environment names.</summary>
internal static class Backend
{
    /// <summary>Names the connection file of a running network.</summary>
    public const string ConnectionVariable = "HEALTHSHARE_FABRIC";

    /// <summary>1 makes a network that is not named or cannot be reached a failure.</summary>
    public const string RequiredVariable = "HEALTHSHARE_FABRIC_REQUIRED";

    /// <summary>1 lets tests kill and freeze processes of the network.</summary>
    public const string FaultsVariable = "HEALTHSHARE_FABRIC_FAULTS";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly Lazy<string?> Missing = new(FindMissing);
    private static readonly Lazy<string?> MissingAsset = new(() => FindMissing(
        new TransactionRequest("asset", "echo", "there"), "the chaincode 'asset' (tests/HealthShare.AssetChaincode) does not answer"));
    private static readonly Lazy<string?> MissingCollections = new(() => FindMissing(
        new TransactionRequest("asset", "getPrivateHash", "shared", "there"), "the chaincode 'asset' has not the collections of its collections.json"));

    /// <summary>The connection file; null on the development ledger. A test host runs elsewhere than the shell that named it.</summary>
    public static string? ConnectionPath { get; } = Environment.GetEnvironmentVariable(ConnectionVariable) is { Length: > 0 } path
        ? Path.GetFullPath(path, Environment.GetEnvironmentVariable("PWD") ?? Environment.CurrentDirectory)
        : null;

    public static bool IsFabric => ConnectionPath is not null;

    public static bool IsRequired { get; } = Environment.GetEnvironmentVariable(RequiredVariable) == "1";

    /// <summary>Why tests of the channel are left out; null where they run, or must fail.</summary>
    public static string? SkipReason => IsRequired ? null : Missing.Value;

    /// <summary>As <see cref="SkipReason"/>, for tests that also need the chaincode <c>asset</c>.</summary>
    public static string? AssetSkipReason => IsRequired ? null : Missing.Value ?? MissingAsset.Value;

    /// <summary>As <see cref="AssetSkipReason"/>, for tests that also need its collections.</summary>
    public static string? CollectionSkipReason => IsRequired ? null : AssetSkipReason ?? MissingCollections.Value;

    /// <summary>Why tests that kill processes of the network are left out; null where they run.</summary>
    public static string? NetworkFaultSkipReason =>
        !IsFabric ? $"On a real network only: kills its processes, and {ConnectionVariable} names none."
        : Environment.GetEnvironmentVariable(FaultsVariable) != "1" ? $"Kills processes of the network: {FaultsVariable} is not 1."
        : AssetSkipReason;

    /// <summary>Refuses to begin without the asset chaincode.</summary>
    /// <exception cref="InvalidOperationException">It is required, and not there.</exception>
    public static void RequireAsset()
    {
        if (MissingAsset.Value is { } missing)
            throw new InvalidOperationException(missing);
    }

    /// <summary>Refuses to begin without the network that was asked for.</summary>
    /// <exception cref="InvalidOperationException">The network is required, and not there.</exception>
    public static void Require()
    {
        if (IsRequired && ConnectionPath is null)
            throw new InvalidOperationException($"{RequiredVariable} is 1, and {ConnectionVariable} names no connection file.");
        if (Missing.Value is { } missing)
            throw new InvalidOperationException(missing);
    }

    private static string? FindMissing()
    {
        if (ConnectionPath is not { } path)
            return null;
        try
        {
            var peers = ConnectionFile.Read(path).Organizations.SelectMany(member => member.Peers).ToList();
            return Task.WhenAll(peers.Select(FindFaultAsync)).GetAwaiter().GetResult().FirstOrDefault(fault => fault is not null);
        }
        catch (ConnectionProfileException e)
        {
            return $"{ConnectionVariable}: {e.Message}";
        }
    }

    private static string? FindMissing(TransactionRequest probe, string missing)
    {
        if (ConnectionPath is not { } path)
            return null;
        return Task.Run(async () =>
        {
            await using var client = GatewayClient.Connect(ConnectionFile.Read(path), user: "User1");
            try
            {
                await client.EvaluateAsync(probe);
                return null;
            }
            catch (LedgerException e)
            {
                return $"{ConnectionVariable}: {missing}: {e.Code}.";
            }
        }).GetAwaiter().GetResult();
    }

    private static async Task<string?> FindFaultAsync(PeerConnection peer)
    {
        using var socket = new TcpClient();
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await socket.ConnectAsync(peer.Address.Host, peer.Address.Port, patience.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return $"{ConnectionVariable}: {peer.Name} at {peer.Endpoint} does not answer.";
        }
    }
}
