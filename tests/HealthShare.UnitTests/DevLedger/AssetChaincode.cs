using System.Text;
using HealthShare.Chaincode.Shim;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>A small chaincode that does what the ledger's tests ask of it.</summary>
internal sealed class AssetChaincode : IChaincode
{
    public async Task<ChaincodeResponse> InvokeAsync(IChaincodeStub stub, CancellationToken ct)
    {
        var args = stub.Arguments.Select(argument => Encoding.UTF8.GetString(argument.Span)).ToArray();
        return args switch
        {
            ["put", var key, var value] => await Put(key, value),
            ["update", var key, var value] => await Update(key, value),
            ["get", var key] => await stub.GetStateAsync(key, ct) is { } found
                ? ChaincodeResponse.Success(found)
                : ChaincodeResponse.Error("asset.not_found", key),
            ["del", var key] => await Done(stub.DeleteStateAsync(key, ct)),
            ["count", var start, var end] => Text((await Keys(stub.GetStateByRangeAsync(start, end, ct))).Count.ToString()),
            ["countInto", var start, var end, var key] => await CountInto(start, end, key),
            ["page", var start, var end, var size, var bookmark] => Page(
                await stub.GetStateByRangeWithPaginationAsync(start, end, int.Parse(size), bookmark, ct)),
            ["history", var key] => Text(string.Join(',', await History(key))),
            ["putPrivate", var collection, var key] => await Done(
                stub.PutPrivateDataAsync(collection, key, stub.Transient["value"], ct)),
            ["getPrivate", var collection, var key] => ChaincodeResponse.Success(
                await stub.GetPrivateDataAsync(collection, key, ct)),
            ["getPrivateHash", var collection, var key] => Text(Convert.ToHexStringLower(
                await stub.GetPrivateDataHashAsync(collection, key, ct) ?? [])),
            ["random"] => await Put("random", Guid.NewGuid().ToString()),
            ["hang"] => await Hang(),
            _ => ChaincodeResponse.Error("asset.no_function", args.FirstOrDefault() ?? ""),
        };

        async Task<ChaincodeResponse> Put(string key, string value)
        {
            await stub.PutStateAsync(key, Encoding.UTF8.GetBytes(value), ct);
            stub.SetEvent("put", Encoding.UTF8.GetBytes(key));
            return ChaincodeResponse.Success();
        }

        async Task<ChaincodeResponse> Update(string key, string value)
        {
            var old = await stub.GetStateAsync(key, ct);
            await stub.PutStateAsync(key, Encoding.UTF8.GetBytes(value), ct);
            return ChaincodeResponse.Success(old);
        }

        async Task<ChaincodeResponse> CountInto(string start, string end, string key)
        {
            var keys = await Keys(stub.GetStateByRangeAsync(start, end, ct));
            return await Put(key, $"{keys.Count}");
        }

        async Task<List<string>> History(string key)
        {
            List<string> values = [];
            await foreach (var change in stub.GetHistoryForKeyAsync(key, ct))
                values.Add(change.IsDelete ? "-" : Encoding.UTF8.GetString(change.Value.Span));
            return values;
        }

        async Task<ChaincodeResponse> Hang()
        {
            await Task.Delay(Timeout.Infinite, ct);
            return ChaincodeResponse.Success();
        }
    }

    private static async Task<ChaincodeResponse> Done(Task work)
    {
        await work;
        return ChaincodeResponse.Success();
    }

    private static async Task<List<string>> Keys(IAsyncEnumerable<StateEntry> entries)
    {
        List<string> keys = [];
        await foreach (var entry in entries)
            keys.Add(entry.Key);
        return keys;
    }

    private static ChaincodeResponse Page(StatePage page) =>
        Text($"{string.Join(',', page.Entries.Select(entry => entry.Key))}|{page.Fetched}|{page.Bookmark}");

    private static ChaincodeResponse Text(string text) => ChaincodeResponse.Success(Encoding.UTF8.GetBytes(text));
}
