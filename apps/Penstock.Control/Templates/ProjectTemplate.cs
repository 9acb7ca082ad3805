namespace Penstock.Control.Templates;

/// <summary>What every new plugin project has: the two project files and how to go on. NAME, KEBAB, BIN and KIND are filled in.</summary>
internal static class ProjectTemplate
{
    public const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <!-- Where Penstock is built; the node has these files itself, so they are not copied beside the plugin. -->
            <PenstockBin Condition="'$(PenstockBin)' == ''">BIN</PenstockBin>
          </PropertyGroup>
          <ItemGroup>
            <Compile Remove="tests/**;bin/**;obj/**" />
            <Reference Include="$(PenstockBin)/Penstock.*.dll" Private="false" />
          </ItemGroup>
        </Project>

        """;

    public const string Tests = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <OutputType>Exe</OutputType>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <NoWarn>$(NoWarn);CA1707</NoWarn> <!-- names of tests are sentences with underscores -->
            <PenstockBin Condition="'$(PenstockBin)' == ''">BIN</PenstockBin>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="xunit.v3" Version="3.2.2" />
            <ProjectReference Include="../NAME.csproj" />
            <Reference Include="$(PenstockBin)/Penstock.*.dll" />
          </ItemGroup>
        </Project>

        """;

    public const string Readme = """
        # KEBAB

        A KIND for Penstock, as a plugin.

            dotnet build -c Release tests && dotnet tests/bin/Release/net10.0/NAME.Tests.dll
            mkdir -p ~/.local/state/penstock/plugins && cp bin/Release/net10.0/NAME.dll ~/.local/state/penstock/plugins/
            penstock plugins list

        Then name it in the node's configuration. The guide: docs/guides/plugins.md of Penstock.

        """;
}
