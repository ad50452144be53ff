// What a developer writes who has only the packages: a contract, a channel to run it on, a client, a first transaction.
using System.Text;
using System.Text.Json.Serialization;
using HealthShare.Chaincode.Shim;
using HealthShare.Chaincode.Shim.Server;
using HealthShare.DevLedger;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Connection;

const string packageId = "asset_1:0";
await using var chaincode = new ChaincodeServer(
    new ChaincodeRouter([new AssetContract()], AssetJson.Default), new() { Address = "127.0.0.1:0", PackageId = packageId });
await chaincode.StartAsync();

await using var channel = await DevLedgerHost.StartAsync(new()
{
    StateDirectory = args[0],
    Channel = "demo",
    Organizations = [new() { MspId = "AMSP", Domain = "a.example" }, new() { MspId = "BMSP", Domain = "b.example" }],
    Chaincodes =
    [
        new() { Name = "asset", EndorsementPolicy = "AND('AMSP.peer', 'BMSP.peer')", Service = new(new($"http://{chaincode.Endpoint}"), packageId) },
    ],
});

await using var ledger = GatewayClient.Connect(ConnectionFile.Read(channel.ConnectionFile), mspId: "AMSP");
var commit = await ledger.SubmitAsync(new TransactionRequest("asset", "Asset:Put", "apple", "green"));
var apple = await ledger.EvaluateAsync(new TransactionRequest("asset", "Asset:Get", "apple"));
Console.WriteLine($"block {commit.BlockNumber}: apple is {Encoding.UTF8.GetString(apple.Span)}");

internal sealed class AssetContract : Contract
{
    [Transaction]
    public Task PutAsync(TransactionContext tx, string id, string color) => tx.PutAsync(id, color, AssetJson.Default.String);

    [Transaction(Evaluate = true)]
    public Task<string?> GetAsync(TransactionContext tx, string id) => tx.GetAsync(id, AssetJson.Default.String);
}

[JsonSerializable(typeof(string))]
internal sealed partial class AssetJson : JsonSerializerContext;
