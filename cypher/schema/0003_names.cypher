// Names are Chinese, mostly: pairs of characters, not words.
CREATE FULLTEXT INDEX names IF NOT EXISTS FOR (n:Enterprise|BusinessSite) ON EACH [n.name, n.names]
OPTIONS {indexConfig: {`fulltext.analyzer`: 'cjk'}};
