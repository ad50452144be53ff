using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Node.Auth.Tokens;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Cli;

/// <summary><c>healthshare token check</c>: what a node would say to access tokens, without asking the provider.</summary>
internal static class TokenCheckCommand
{
    public static Command Create()
    {
        var issuer = new Option<string>("--issuer") { Description = "The issuer, as in HealthShare:Tokens:Issuer.", Required = true };
        var audience = new Option<string>("--audience") { Description = "The audience, as in HealthShare:Tokens:Audience.", Required = true };
        var keys = new Option<FileInfo>("--keys") { Description = "File with the provider's key set (JWKS).", HelpName = "FILE", Required = true };
        keys.AcceptExistingOnly();
        var tokens = new Argument<FileInfo>("tokens") { Description = "File with one token a line." };
        tokens.AcceptExistingOnly();
        var json = new Option<bool>("--json") { Description = "One JSON object a token." };
        var command = new Command("check", "Check access tokens as a node with these settings would; exit 1 if one is refused.")
        {
            issuer, audience, keys, json, tokens,
        };
        command.SetAction(async (parse, ct) =>
        {
            var (output, error) = (parse.InvocationConfiguration.Output, parse.InvocationConfiguration.Error);
            FixedKeys set;
            try
            {
                using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(parse.GetValue(keys)!.FullName, ct));
                set = new FixedKeys(ProviderKeys.Read(document.RootElement));
            }
            catch (Exception e) when (e is JsonException or InvalidDataException)
            {
                await error.WriteLineAsync($"The key set cannot be read. {e.Message}");
                return NodeCommandLine.WrongUsage;
            }
            var check = new AccessTokens(set, Options.Create(new TokensOptions
            {
                Issuer = parse.GetValue(issuer), Audience = parse.GetValue(audience),
            }), TimeProvider.System);
            var refused = false;
            foreach (var token in await File.ReadAllLinesAsync(parse.GetValue(tokens)!.FullName, ct))
            {
                var (caller, reason) = await check.ReadAsync(token, ct);
                refused |= caller is null;
                await output.WriteLineAsync(parse.GetValue(json)
                    ? new JsonObject { ["accepted"] = caller is not null, ["reason"] = caller is null ? reason : null, ["role"] = caller?.Role.ToString() }.ToJsonString()
                    : caller is null ? $"refused: {reason}" : $"accepted: {caller.Name} as {caller.Role}");
            }
            return refused ? NodeCommandLine.Failure : NodeCommandLine.Success;
        });
        return command;
    }

    private sealed class FixedKeys(IReadOnlyDictionary<string, SigningKey> keys) : IProviderKeys
    {
        public Task<SigningKey?> FindAsync(string keyId, CancellationToken ct) => Task.FromResult(keys.GetValueOrDefault(keyId));
    }
}
