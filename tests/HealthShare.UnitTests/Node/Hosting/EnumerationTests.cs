using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.UnitTests.Node.Support;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace HealthShare.UnitTests.Node.Hosting;

/// <summary>Where one of several values is expected, one name is taken, to the letter.</summary>
public sealed class EnumerationTests
{
    [Theory]
    [InlineData("nurse,itAdministrator")] // 1 | 4: a privacy officer
    [InlineData("nurse, registrar")]
    [InlineData("nurse,")]
    [InlineData(" nurse")]
    [InlineData("Nurse")]
    [InlineData("NURSE")]
    [InlineData("1")]
    [InlineData("")]
    public async Task Nobody_is_invited_as_what_is_no_role_to_the_letter(string role)
    {
        await using var node = await NodeHost.StartAsync();
        using var administrator = node.Client(Role.ItAdministrator);
        Assert.Equal("request.invalid", await administrator.RefusedAsync("/api/v1/invitations",
            new JsonObject { ["role"] = role, ["displayName"] = "Elif Demir" }, HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Every_enumeration_that_a_body_holds_takes_its_own_names_alone_and_so_does_the_ledger()
    {
        await using var node = await NodeHost.StartAsync();
        var api = node.App.Services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var enumerations = new HashSet<Type>();
        var seen = new HashSet<Type>();
        foreach (var accepted in node.App.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .Select(endpoint => endpoint.Metadata.GetMetadata<IAcceptsMetadata>()).OfType<IAcceptsMetadata>()
            .Where(accepts => accepts.ContentTypes.Contains("application/json")).Select(accepts => accepts.RequestType).OfType<Type>())
            Collect(api, accepted, seen, enumerations);
        Assert.Contains(typeof(Role), enumerations);
        foreach (var type in enumerations)
            CheckNames(api, type);

        Type[] kept = [typeof(OrganizationKind), typeof(EndedStatementKind), typeof(AttestationForm), typeof(VouchedKind), typeof(ReviewOutcome), typeof(Relation)];
        foreach (var type in kept)
            CheckNames(LedgerJson.Default.Options, type);
    }

    [Fact]
    public async Task The_description_names_what_each_enumeration_takes()
    {
        await using var node = await NodeHost.StartAsync();
        using var client = node.Client();
        var schemas = (await client.GetOkAsync("/openapi/v1.json")).GetProperty("components").GetProperty("schemas");
        var described = schemas.GetProperty("Role").GetProperty("enum").EnumerateArray().Select(name => name.GetString());
        Assert.Equal(Enum.GetNames<Role>().Select(JsonNamingPolicy.CamelCase.ConvertName).Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
        var optional = schemas.GetProperty("Consent").GetProperty("properties").GetProperty("lapse").GetProperty("enum").EnumerateArray().Select(name => name.ValueKind).ToList();
        Assert.Equal(JsonValueKind.Null, optional[^1]);
        Assert.Single(optional, JsonValueKind.Null);
    }

    private static void Collect(JsonSerializerOptions options, Type type, HashSet<Type> seen, HashSet<Type> enumerations)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain.IsEnum)
            enumerations.Add(plain);
        if (plain.IsEnum || !seen.Add(plain))
            return;
        var info = options.GetTypeInfo(plain);
        if (info.ElementType is { } element)
            Collect(options, element, seen, enumerations);
        foreach (var member in info.Properties)
            Collect(options, member.PropertyType, seen, enumerations);
    }

    private static void CheckNames(JsonSerializerOptions options, Type type)
    {
        var info = options.GetTypeInfo(type);
        var names = Enum.GetValues(type).Cast<object>().Select(value => JsonSerializer.Serialize(value, info).Trim('"')).ToList();
        foreach (var name in names)
        {
            Assert.Equal(name, JsonSerializer.Serialize(JsonSerializer.Deserialize($"\"{name}\"", info), info).Trim('"'));
            foreach (var other in (string[])[$"{name},{names[^1]}", $" {name}", $"{name} ", name.ToUpperInvariant(), "0", ""])
                Refuses(info, $"\"{other}\"");
        }
        Refuses(info, "0");
        Refuses(info, "true");
    }

    private static void Refuses(JsonTypeInfo info, string json)
    {
        var failure = Record.Exception(() => JsonSerializer.Deserialize(json, info));
        Assert.True(failure is JsonException, $"{info.Type.Name} takes {json}");
    }
}
